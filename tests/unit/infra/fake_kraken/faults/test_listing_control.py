"""Pairs that the stand-in lists and delists while it runs."""

import httpx
import pytest

from infra.fake_kraken import DEFAULT_RECORDING, ReplayServer, load_recording, synthetic_tape
from tests.unit.infra.fake_kraken.listener import ids, received, subscribed


def listed(server: ReplayServer) -> set[str]:
    """The keys that AssetPairs answers with."""
    return set(httpx.get(f"{server.url}/0/public/AssetPairs").json()["result"])


def test_a_running_server_lists_a_pair_and_delists_it_over_http(server: ReplayServer) -> None:
    """The new pair is synthetic and trades from now on, with ids from 1."""
    control = f"{server.url}/_replay/pairs"
    assert httpx.post(control, json={"base": "NEW", "rate": 1000}).status_code == 201
    assert listed(server) == {"XBTUSDT", "NEWUSD"}
    trades = httpx.get(f"{server.url}/0/public/Trades", params={"pair": "NEWUSD", "since": "0"})
    assert trades.headers["X-Replay-Trades"] == "synthetic"
    with subscribed(server, "NEW/USD") as socket:
        updates = ids(received(socket, lambda so_far: bool(ids(so_far))))
    assert updates[0] >= 1
    assert httpx.delete(control, params={"pair": "NEWUSD"}).status_code == 204
    assert listed(server) == {"XBTUSDT"}


@pytest.mark.parametrize("body", ["", "[]", '{"base":""}', '{"base":"A","rate":0}', '{"name":"A"}'])
def test_a_pair_that_cannot_be_listed_is_refused(server: ReplayServer, body: str) -> None:
    """With the reason, and without listing anything; so is a delisting that names none."""
    control = f"{server.url}/_replay/pairs"
    response = httpx.post(control, content=body)
    assert response.status_code == 400
    assert response.text
    assert httpx.delete(control).status_code == 400
    assert listed(server) == {"XBTUSDT"}


def test_a_test_may_list_and_delist_too(server: ReplayServer) -> None:
    """By the server's methods; clearing all faults lists the pair again."""
    server.list_pair(synthetic_tape(load_recording(DEFAULT_RECORDING), "A", "B", count=5, rate=1))
    server.delist("XBTUSDT")
    assert listed(server) == {"AB"}
    server.plan.clear()
    assert listed(server) == {"XBTUSDT", "AB"}
