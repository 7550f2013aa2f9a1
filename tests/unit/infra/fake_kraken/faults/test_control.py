import httpx
import pytest

from infra.fake_kraken import ReplayServer

TRADES = "/0/public/Trades"
PARAMS = {"pair": "XBTUSDT"}


def test_a_running_server_can_be_made_to_fail(server: ReplayServer) -> None:
    """Over HTTP: add one or several faults, list them, clear them."""
    control = f"{server.url}/_replay/faults"
    assert httpx.post(control, json={"kind": "http-503"}).status_code == 201
    assert httpx.post(control, json=[{"kind": "http-429", "times": "always"}]).status_code == 201
    statuses = [httpx.get(server.url + TRADES, params=PARAMS).status_code for _ in range(3)]
    assert statuses == [503, 429, 429]
    listed = httpx.get(control).json()
    assert [(fault["kind"], fault["fired"]) for fault in listed] == [
        ("http-503", 1),
        ("http-429", 2),
    ]
    assert httpx.delete(control).status_code == 204
    assert httpx.get(server.url + TRADES, params=PARAMS).status_code == 200


@pytest.mark.parametrize("body", ["", "[", '{"kind":"explode"}', "5"])
def test_a_wrong_fault_is_refused(server: ReplayServer, body: str) -> None:
    """With the reason, and without arming anything."""
    control = f"{server.url}/_replay/faults"
    response = httpx.post(control, content=body)
    assert response.status_code == 400
    assert response.text
    assert httpx.get(control).json() == []
