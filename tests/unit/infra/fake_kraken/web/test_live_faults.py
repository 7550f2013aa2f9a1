"""Faults by WebSocket that concern one pair's subscription, or single trades of it."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from infra.fake_kraken import Fault, FaultKind, ReplayServer, synthetic_bursts, synthetic_tapes
from infra.fake_kraken.market.recording import Recording
from tests.unit.infra.fake_kraken.listener import SYMBOL, ask, ids, received, subscribed

OTHER = "SYN2/USDT"
StartLive = Callable[..., ReplayServer]


@pytest.fixture
def live_server(recording: Recording) -> Iterator[StartLive]:
    """Start a stand-in with 200 synthetic trades a second of two pairs."""
    started: list[ReplayServer] = []

    def start(*faults: Fault) -> ReplayServer:
        tapes = synthetic_tapes(recording, count=10**6, rate=200.0, pairs=2)
        started.append(ReplayServer(tapes, faults=faults, keep_shown=True))
        started[-1].start()
        return started[-1]

    yield start
    for server in started:
        server.stop()


def trades_of(symbol: str, messages: list[Any]) -> list[Any]:
    """A pair's entries of updates."""
    return [
        entry
        for message in messages
        if message.get("channel") == "trade" and message["type"] == "update"
        for entry in message["data"]
        if entry["symbol"] == symbol
    ]


def enough_of(symbol: str, count: int) -> Callable[[list[Any]], bool]:
    """Whether this many trades of a pair have arrived."""
    return lambda messages: len(trades_of(symbol, messages)) >= count


def answers(messages: list[Any]) -> list[tuple[Any, Any]]:
    """What was answered: the method, and whether or why not."""
    return [(one["method"], one.get("error", True)) for one in messages if "method" in one]


def test_a_dead_subscription_is_renewed_by_ending_it_first(live_server: StartLive) -> None:
    """The other pair goes on; a second subscription alone changes nothing."""
    server = live_server(Fault(kind=FaultKind.DEAD_SUBSCRIPTION, pair=SYMBOL))
    with subscribed(server, SYMBOL, OTHER) as socket:
        assert trades_of(SYMBOL, received(socket, enough_of(OTHER, 50))) == []
        ask(socket, SYMBOL)
        messages = received(socket, enough_of(OTHER, 50))
        assert answers(messages) == [("subscribe", "Already subscribed")]
        assert trades_of(SYMBOL, messages) == []
        socket.send(
            f'{{"method":"unsubscribe","params":{{"channel":"trade","symbol":["{SYMBOL}"]}}}}'
        )
        ask(socket, SYMBOL)
        messages = received(socket, enough_of(SYMBOL, 5))
        assert answers(messages) == [("unsubscribe", True), ("subscribe", True)]


def test_a_subscription_may_be_dead_until_the_next_connection(live_server: StartLive) -> None:
    """Whatever is asked over this one."""
    server = live_server(Fault(kind=FaultKind.DEAD_SUBSCRIPTION, pair=SYMBOL, until="connect"))
    with subscribed(server, SYMBOL, OTHER) as socket:
        received(socket, enough_of(OTHER, 5))
        socket.send(
            f'{{"method":"unsubscribe","params":{{"channel":"trade","symbol":["{SYMBOL}"]}}}}'
        )
        ask(socket, SYMBOL)
        assert trades_of(SYMBOL, received(socket, enough_of(OTHER, 50))) == []
    with subscribed(server, SYMBOL) as socket:
        assert received(socket, enough_of(SYMBOL, 5))


def test_the_server_may_end_a_subscription(live_server: StartLive) -> None:
    """It reports that, and sends nothing more of the pair until it is subscribed to again."""
    server = live_server(Fault(kind=FaultKind.UNSUBSCRIBED, pair=SYMBOL))
    with subscribed(server, SYMBOL, OTHER) as socket:
        messages = received(socket, enough_of(OTHER, 50))
        assert answers(messages) == [("subscribe", True)] * 2 + [("unsubscribe", True)]
        assert trades_of(SYMBOL, messages) == []
        ask(socket, SYMBOL)
        assert received(socket, enough_of(SYMBOL, 5))


def test_a_renamed_pair_is_subscribed_to_by_its_new_name(live_server: StartLive) -> None:
    """Nothing more comes under the old one, and it is refused."""
    server = live_server()
    with subscribed(server, SYMBOL, OTHER) as socket:
        received(socket, enough_of(SYMBOL, 5))
        server.plan.add([Fault(kind=FaultKind.RENAMED, pair="SYN1USDT", name="NEW/USDT")])
        received(socket, enough_of(OTHER, 20))
        assert trades_of(SYMBOL, received(socket, enough_of(OTHER, 20))) == []
        ask(socket, "NEW/USDT")
        assert received(socket, enough_of("NEW/USDT", 5))
    with subscribed(server, SYMBOL) as socket:
        refused = received(socket, lambda so_far: len(answers(so_far)) == 1)
        assert answers(refused) == [("subscribe", f"Currency pair not supported {SYMBOL}")]


def test_a_delisted_pair_is_refused(live_server: StartLive) -> None:
    """And nothing of it comes while it is away."""
    server = live_server(Fault(kind=FaultKind.DELISTED, pair="SYN1USDT", lasting=600))
    with subscribed(server, SYMBOL, OTHER) as socket:
        messages = received(socket, enough_of(OTHER, 20))
    assert answers(messages)[0] == ("subscribe", f"Currency pair not supported {SYMBOL}")
    assert trades_of(SYMBOL, messages) == []


def _lacking_at_rest(server: ReplayServer) -> list[int]:
    address = f"{server.url}/0/public/Trades"
    answer = httpx.get(address, params={"pair": "SYN1USDT", "since": "0"})
    rest = [row[6] for row in answer.json()["result"]["SYN1USDT"]]
    return sorted(set(range(1, rest[-1])) - set(rest))


def test_the_socket_sends_some_of_what_rest_lacks(live_server: StartLive) -> None:
    """Of three that REST lacks it brings two, and both are in the ground truth."""
    server = live_server()
    with subscribed(server) as socket:
        received(socket, enough_of(SYMBOL, 5))
        server.plan.add(
            [Fault(kind=FaultKind.WITHHELD, pair="SYN1USDT", trades=3, after=5, seconds=600)]
        )
        pushed = ids(received(socket, enough_of(SYMBOL, 40)))
        while len(lacking := _lacking_at_rest(server)) < 3:
            pushed += ids(received(socket, enough_of(SYMBOL, 5)))
        while max(pushed) <= lacking[-1]:
            pushed += ids(received(socket, enough_of(SYMBOL, 5)))
    assert len(lacking) == 3
    assert sorted(set(lacking) & set(pushed)) == lacking[1:]
    shown = {trade.trade_id for trade in server.shown.trades("SYN1USDT")}
    assert set(lacking) & shown == set(lacking[1:])


def test_an_unreadable_price_comes_by_both_ways(live_server: StartLive) -> None:
    """With the same eleven decimals, and is marked in the ground truth."""
    server = live_server(Fault(kind=FaultKind.UNREADABLE, pair="SYN1USDT", trades=2))
    with subscribed(server) as socket:
        received(socket, enough_of(SYMBOL, 5))
        answer = httpx.get(
            f"{server.url}/0/public/Trades", params={"pair": "SYN1USDT", "since": "0"}
        )
    long = [
        row[6] for row in answer.json()["result"]["SYN1USDT"] if len(row[0].partition(".")[2]) == 11
    ]
    assert len(long) == 2
    shown = server.shown.trades("SYN1USDT")
    assert [trade.trade_id for trade in shown if not trade.readable] == long


def test_the_last_trade_of_a_burst_may_not_come(recording: Recording) -> None:
    """REST has it."""
    (tape,) = synthetic_tapes(recording, count=10_000, rate=100.0)
    burst = synthetic_bursts(tape, trades=10, pause=1.2)
    faults = [Fault(kind=FaultKind.LOST_LAST, lasting=600)]
    with ReplayServer([burst], faults=faults) as server, subscribed(server) as socket:
        pushed = ids(received(socket, enough_of(SYMBOL, 15)))
    assert not [trade_id for trade_id in pushed if trade_id % 10 == 0]
    assert len({trade_id // 10 for trade_id in pushed}) > 1
    assert server.plan.armed[0].fired > 0


def test_times_may_differ_by_a_microsecond(live_server: StartLive) -> None:
    """The WebSocket's are later than REST's; the ids are the same."""
    server = live_server(Fault(kind=FaultKind.MICROSECOND, pair=SYMBOL, lasting=600))
    with subscribed(server, SYMBOL, OTHER) as socket:
        messages = received(socket, enough_of(SYMBOL, 20))
    later, right = (
        {one["trade_id"]: one["timestamp"][-7:-1] for one in trades_of(symbol, messages)}
        for symbol in (SYMBOL, OTHER)
    )
    both = later.keys() & right.keys()
    assert both
    assert {(int(later[one]) - int(right[one])) % 10**6 for one in both} == {1}
