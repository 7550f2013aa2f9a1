import httpx
import pytest

from infra.fake_kraken import Fault, FaultKind, ReplayServer
from infra.fake_kraken.errors import ServerNotStarted

TRADES = "/0/public/Trades"
PARAMS = {"pair": "XBTUSDT"}


def test_a_program_in_the_same_process_can_add_faults(server: ReplayServer) -> None:
    """Without HTTP."""
    server.plan.add([Fault(kind=FaultKind.HTTP_503)])
    assert httpx.get(server.url + TRADES, params=PARAMS).status_code == 503


def test_a_stopped_server_frees_its_port() -> None:
    """The same port serves the next one at once, even after an answer that never ended."""
    fault = Fault(kind=FaultKind.SLOW, seconds=3600)
    with ReplayServer(faults=[fault]) as server:
        url = server.url
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(url + TRADES, params=PARAMS, timeout=0.2)
    with ReplayServer(port=int(url.rpartition(":")[2])) as again:
        assert again.url == url
        assert httpx.get(again.url + TRADES, params=PARAMS).status_code == 200


def test_a_taken_port_is_reported(server: ReplayServer) -> None:
    """With what to do instead."""
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(ServerNotStarted, match=f"{port}.*--port 0"):
        ReplayServer(port=port).start()
