import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from infra.fake_kraken import (
    DEFAULT_RECORDING,
    Fault,
    FaultKind,
    ReplayServer,
    load_recording,
    synthetic_tapes,
)
from producer.kraken.pairs import KrakenPair
from producer.kraken.settings import KrakenFeedSettings
from producer.kraken.websocket.feed import KrakenFeed
from producer.model.feed_events import Arrival, Broken, LiveTrades, Subscribed

PATIENCE_SECONDS = 60.0


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    """Five pairs with 100 synthetic trades a second each."""
    tapes = synthetic_tapes(load_recording(DEFAULT_RECORDING), count=10**6, pairs=5, rate=100.0)
    with ReplayServer(tapes) as server:
        yield server


PAIRS = [KrakenPair(f"SYN{n}USDT", f"SYN{n}/USDT", f"SYN{n}USDT", f"MY/{n}") for n in range(1, 6)]


@contextmanager
def feed_of(server: ReplayServer, **changed: float) -> Iterator[KrakenFeed]:
    """A feed of the five pairs."""
    settings = KrakenFeedSettings(url=server.websocket_url)
    with KrakenFeed(PAIRS, replace(settings, **changed)) as feed:
        yield feed


def taken_until(feed: KrakenFeed, enough: Callable[[list[Arrival]], bool]) -> list[Arrival]:
    """What has arrived once it is enough."""
    arrivals: list[Arrival] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not enough(arrivals):
        assert time.monotonic() < deadline, arrivals
        arrivals += feed.take(10**6)
        time.sleep(0.005)
    return arrivals


def pairs_of(arrivals: list[Arrival], kind: type) -> set[str]:
    """The symbols of the arrivals of one kind."""
    return {one.pair.symbol for one in arrivals if isinstance(one, kind)}


def test_many_pairs_come_over_few_connections(server: ReplayServer) -> None:
    """Two symbols a connection are three connections for five pairs."""
    every = {pair.symbol for pair in PAIRS}
    with feed_of(server, symbols_a_connection=2) as feed:
        arrivals = taken_until(feed, lambda so_far: pairs_of(so_far, LiveTrades) == every)
        assert server.calls["v2"] == 3
        assert feed.alive
    assert pairs_of(arrivals, Subscribed) == every
    trades = [trade for one in arrivals if isinstance(one, LiveTrades) for trade in one.trades]
    assert {trade.symbol for trade in trades} == every


def test_no_more_is_taken_than_asked_for(server: ReplayServer) -> None:
    """The last message may exceed the limit; the rest waits."""
    with feed_of(server) as feed:
        taken_until(feed, lambda so_far: pairs_of(so_far, LiveTrades) != set())
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(feed._waiting) < 20:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        *taken, last = [one for one in feed.take(3) if isinstance(one, LiveTrades)]
        assert sum(len(one.trades) for one in taken) < 3
        assert sum(len(one.trades) for one in [*taken, last]) >= 3
        assert feed._waiting


def test_a_feed_that_has_heard_nothing_is_not_alive(server: ReplayServer) -> None:
    """Also while only one of its connections is silent."""
    server.plan.add([Fault(kind=FaultKind.SILENCE, pair="SYN5/USDT")])
    with feed_of(server, symbols_a_connection=4, silence=0.2) as feed:
        assert not feed.alive
        taken_until(feed, lambda so_far: pairs_of(so_far, Subscribed) != set())
        deadline = time.monotonic() + PATIENCE_SECONDS
        while feed.alive:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_a_refused_pair_leaves_the_others_alone(server: ReplayServer) -> None:
    """Their trades come, over the same connection."""
    server.plan.add([Fault(kind=FaultKind.REFUSE_SYMBOL, pair="SYN3/USDT")])
    others = {"MY/1", "MY/2", "MY/4", "MY/5"}
    with feed_of(server) as feed:
        arrivals = taken_until(feed, lambda so_far: others <= pairs_of(so_far, LiveTrades))
    assert Broken((PAIRS[2],)) in arrivals
    assert "MY/3" not in pairs_of(arrivals, Subscribed)


def test_a_pair_may_be_added(server: ReplayServer) -> None:
    """To a connection that has room, or on one of its own."""
    settings = KrakenFeedSettings(url=server.websocket_url, symbols_a_connection=3)
    with KrakenFeed(PAIRS[:2], settings) as feed:
        taken_until(feed, lambda so_far: len(pairs_of(so_far, Subscribed)) == 2)
        for pair in PAIRS[2:4]:
            feed.add(pair)
        taken_until(feed, lambda so_far: {"MY/3", "MY/4"} <= pairs_of(so_far, LiveTrades))
        assert server.calls["v2"] == 2


def test_a_pair_may_be_removed_and_added_again(server: ReplayServer) -> None:
    """Its trades stop over the running connection, the others' go on; its place is free."""
    with feed_of(server, symbols_a_connection=5) as feed:
        taken_until(feed, lambda so_far: len(pairs_of(so_far, LiveTrades)) == 5)
        feed.remove(PAIRS[:2])
        taken_until(feed, lambda so_far: Broken(tuple(PAIRS[:2])) in so_far)
        after = taken_until(feed, lambda so_far: len(so_far) > 50)
        assert pairs_of(after, LiveTrades) == {"MY/3", "MY/4", "MY/5"}
        feed.add(PAIRS[0])
        feed.add(PAIRS[0])
        again = taken_until(
            feed,
            lambda so_far: "MY/1" in pairs_of(so_far, LiveTrades) & pairs_of(so_far, Subscribed),
        )
        assert pairs_of(again, Subscribed) == {"MY/1"}
        assert server.calls["v2"] == 1


def test_a_subscription_may_be_renewed(server: ReplayServer) -> None:
    """On the same connection; the connection, too."""
    with feed_of(server) as feed:
        taken_until(feed, lambda so_far: len(pairs_of(so_far, Subscribed)) == 5)
        feed.renew_subscription(PAIRS[1])
        arrivals = taken_until(feed, lambda so_far: pairs_of(so_far, Subscribed) != set())
        assert pairs_of(arrivals, Subscribed) == {"MY/2"}
        assert server.calls["v2"] == 1
        feed.renew_connection(PAIRS[1])
        arrivals = taken_until(feed, lambda so_far: len(pairs_of(so_far, Subscribed)) == 5)
        assert any(isinstance(one, Broken) for one in arrivals)
        assert server.calls["v2"] == 2


def test_trades_that_nobody_takes_are_dropped_with_a_word(server: ReplayServer) -> None:
    """One event per pair makes REST fetch the rest, and memory stays bounded."""
    with feed_of(server, most_waiting=10) as feed:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(feed._waiting) < 15:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        full_at = time.monotonic()
        while feed._connections[0].heard_at < full_at + 0.02:
            time.sleep(0.01)
        arrivals = feed.take(10**6)
    assert len(arrivals) == 15
    dropped = [one for one in arrivals if isinstance(one, LiveTrades) and one.faults]
    assert {one.pair for one in dropped} == set(PAIRS)
    assert not any(one.trades for one in dropped)


def test_all_of_kraken_comes_over_seven_connections() -> None:
    """1,400 pairs are subscribed to within Kraken's limits, and one that is listed later too."""
    recording = load_recording(DEFAULT_RECORDING)
    tapes = synthetic_tapes(recording, count=10**6, pairs=1401, rate=0.05, quote="USD")
    pairs = [
        KrakenPair(tape.pair.rest_name, tape.pair.wsname, tape.pair.altname, tape.pair.wsname)
        for tape in tapes
    ]
    with ReplayServer(tapes[:-1]) as server:
        settings = KrakenFeedSettings(
            url=server.websocket_url, silence=60.0, answer_within=60.0, connect_interval=0.02
        )
        with KrakenFeed(pairs[:-1], settings) as feed:
            taken_until(feed, lambda so_far: len(pairs_of(so_far, Subscribed)) == 1400)
            assert server.calls["v2"] == 7
            server.list_pair(tapes[-1])
            feed.add(pairs[-1])
            taken_until(feed, lambda so_far: "SYN1401/USD" in pairs_of(so_far, Subscribed))
            assert server.calls["v2"] == 8
