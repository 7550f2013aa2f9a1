"""The stand-in's WebSocket, without faults and with each of them."""

import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from infra.fake_kraken import Fault, FaultKind, ReplayServer, synthetic_tapes
from infra.fake_kraken.market.recording import Recording
from tests.unit.infra.fake_kraken.listener import (
    PATIENCE_SECONDS,
    SYMBOL,
    ids,
    received,
    subscribed,
)


@pytest.fixture
def live_server(recording: Recording) -> Iterator[Callable[..., ReplayServer]]:
    """Start a stand-in with 200 synthetic trades a second: `live_server(Fault(...))`."""
    started: list[ReplayServer] = []

    def start(*faults: Fault) -> ReplayServer:
        tapes = synthetic_tapes(recording, count=10**6, rate=200.0, pairs=2)
        started.append(ReplayServer(tapes, faults=faults))
        started[-1].start()
        return started[-1]

    yield start
    for server in started:
        server.stop()


def test_a_subscription_is_answered_with_a_snapshot_and_what_follows(
    live_server: Callable[..., ReplayServer],
) -> None:
    """Status, answer, up to 50 trades, then each trade once."""
    server = live_server()
    with subscribed(server) as socket:
        messages = received(socket, lambda so_far: len(ids(so_far)) >= 20)
    kinds = [message.get("channel", message.get("method")) for message in messages]
    assert kinds[0] == "status"
    assert kinds[1] == "subscribe"
    every = ids(messages, "snapshot") + ids(messages)
    assert every == list(range(every[0], every[0] + len(every)))


def test_rest_has_the_trades_that_were_pushed(live_server: Callable[..., ReplayServer]) -> None:
    """At the moment at which they are pushed."""
    server = live_server()
    with subscribed(server) as socket:
        pushed = ids(received(socket, lambda so_far: len(ids(so_far)) >= 5))
        answer = httpx.get(
            server.url + "/0/public/Trades", params={"pair": "SYN1USDT", "since": "0"}
        )
    rows = answer.json()["result"]["SYN1USDT"]
    assert set(pushed) <= {row[6] for row in rows}


def test_a_recording_is_over(server: ReplayServer) -> None:
    """It has a snapshot, and heartbeats ever after."""
    with subscribed(server, "BTC/USDT") as socket:
        messages = received(socket, lambda so_far: {"channel": "heartbeat"} in so_far)
    assert ids(messages, "snapshot") == list(range(10219158, 10219208))
    assert ids(messages) == []


def test_a_symbol_that_kraken_calls_otherwise_is_refused(server: ReplayServer) -> None:
    """XBT is REST's word; the other symbols of the request are taken."""
    with subscribed(server, "XBT/USDT", "BTC/USDT") as socket:
        messages = received(socket, lambda so_far: len(so_far) == 3)
    assert messages[1]["error"] == "Currency pair not supported XBT/USDT"
    assert messages[2]["result"]["symbol"] == "BTC/USDT"


def test_a_ping_and_nonsense_are_answered(server: ReplayServer) -> None:
    """As Kraken does."""
    with connect(server.websocket_url) as socket:
        for sent in ('{"method":"ping"}', '{"method":"dance"}', "no JSON"):
            socket.send(sent)
        messages = received(socket, lambda so_far: len(so_far) == 4)
    assert messages[1]["method"] == "pong"
    assert [message["error"] for message in messages[2:]] == ["Malformed request"] * 2


def test_a_refused_symbol(live_server: Callable[..., ReplayServer]) -> None:
    """Only the pair that the fault names."""
    server = live_server(Fault(kind=FaultKind.REFUSE_SYMBOL, pair="SYN2/USDT"))
    with subscribed(server, SYMBOL, "SYN2/USDT") as socket:
        messages = received(
            socket, lambda so_far: sum("method" in message for message in so_far) == 2
        )
    answers = [message["success"] for message in messages if "method" in message]
    assert answers == [True, False]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (FaultKind.DUPLICATE_FRAME, [1, 2, 3, 3, 4, 5]),
        (FaultKind.REORDER_FRAMES, [1, 2, 4, 3, 5]),
        (FaultKind.LOST_FRAME, [1, 2, 4, 5]),
    ],
)
def test_a_frame_that_comes_wrong(
    live_server: Callable[..., ReplayServer], kind: FaultKind, expected: list[int]
) -> None:
    """Twice, late, or not at all; the connection stays."""
    server = live_server(Fault(kind=kind, after=2))
    with subscribed(server) as socket:
        pushed = ids(received(socket, lambda so_far: len(ids(so_far)) >= len(expected)))
    first = pushed[0] - 1
    assert [trade_id - first for trade_id in pushed[: len(expected)]] == expected


@pytest.mark.parametrize("code", [1001, 1012, 4000])
def test_a_close_has_its_code(live_server: Callable[..., ReplayServer], code: int) -> None:
    """In the WebSocket's own closing frame."""
    server = live_server(Fault(kind=FaultKind.CLOSE, code=code))
    with subscribed(server) as socket, pytest.raises(ConnectionClosed) as closed:
        received(socket, lambda _: False)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code


@pytest.mark.parametrize(
    "fault", [Fault(kind=FaultKind.CLOSE, code=1006), Fault(kind=FaultKind.HALF_FRAME)]
)
def test_a_cut_has_none(live_server: Callable[..., ReplayServer], fault: Fault) -> None:
    """The connection is just gone, be it in the middle of a frame; the next one works."""
    server = live_server(fault)
    with subscribed(server) as socket, pytest.raises(ConnectionClosed) as closed:
        received(socket, lambda _: False)
    assert closed.value.rcvd is None
    with subscribed(server) as socket:
        assert received(socket, lambda so_far: len(ids(so_far)) >= 1)


def test_silence_is_silence(live_server: Callable[..., ReplayServer]) -> None:
    """No trade, no heartbeat, no answer, and no end."""
    server = live_server(Fault(kind=FaultKind.SILENCE, after=1))
    with subscribed(server) as socket:
        received(socket, lambda so_far: len(ids(so_far)) == 1)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not server.plan.armed[0].fired:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        socket.send('{"method":"ping"}')
        with pytest.raises(TimeoutError):
            socket.recv(1.5)


def test_a_maintenance_has_no_trades(live_server: Callable[..., ReplayServer]) -> None:
    """Its begin and end are announced; only REST has the trades in between."""
    server = live_server(Fault(kind=FaultKind.MAINTENANCE, seconds=0.3, after=1))
    with subscribed(server) as socket:
        messages = received(socket, lambda so_far: len(ids(so_far)) >= 3)
    systems = [
        message["data"][0]["system"] for message in messages if message.get("channel") == "status"
    ]
    assert systems == ["online", "maintenance", "online"]
    first, second, third = ids(messages)[:3]
    assert second > first + 20
    assert third == second + 1
