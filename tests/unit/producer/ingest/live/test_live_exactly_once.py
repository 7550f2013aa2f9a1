"""The live loop with every sequence of events and every end: each trade once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count

import pytest
import stamina
from hypothesis import given, settings
from hypothesis import strategies as st

from producer.errors import TerminalError
from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.gap_filler import GapFiller
from producer.ingest.live import Batch, LiveRecorder
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.publisher import Publisher
from producer.model.feed_events import Arrival, Broken, Subscribed
from producer.model.trade import Trade
from tests.unit.producer.fake_feed import BTC, ETH, AtOnce, FakeFeed, live, turns
from tests.unit.producer.fake_kafka import Crash, FakeKafka, Trip
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime
from tests.unit.producer.ingest.test_exactly_once import CALLS, trips

MakeTrades = Callable[..., list[Trade]]

BATCH = Batch(seconds=0.05, trades=100)


@settings(max_examples=150)
@given(
    struck=st.lists(trips, max_size=6),
    story=st.lists(
        st.sampled_from(["live", "lost", "twice", "swapped", "break", "snapshot"]),
        min_size=1,
        max_size=14,
    ),
)
def test_no_story_of_the_feed_loses_or_doubles_a_trade(
    publisher_on: Callable[..., Publisher],
    read_trades: Callable[[FakeKafka], list[Trade]],
    trades: MakeTrades,
    *,
    struck: list[Trip],
    story: list[str],
) -> None:
    """Frames lost, twice, swapped, breaks, and Kafka failing: each trade once."""
    kafka, clock = FakeKafka(trips=[replace(trip) for trip in struck]), FakeTime()
    every = trades(range(1, 2 + 2 * len(story)))
    kraken = FakeKraken({"BTC/USD": every[:1]}, page_size=3, from_start=True, by_time=True)
    feed = FakeFeed([[Subscribed(BTC)]])

    def start() -> LiveRecorder:
        publisher = publisher_on(kafka, now=clock.utc)
        publisher.open()
        catch_up = CatchUpFetcher(kraken, publisher, RetryPolicy(), AtOnce())
        gaps = GapFiller(kraken, publisher, [BTC, ETH], pool=AtOnce(), now=clock.utc)
        return LiveRecorder(
            feed, catch_up, publisher, [BTC], gaps, batch=BATCH, stop=clock, clock=lambda: clock.now
        )

    def turn(recorder: LiveRecorder | None) -> LiveRecorder | None:
        clock.now += 0.5
        try:
            recorder = recorder or start()
            recorder.turn()
        except (Crash, TerminalError):
            return None
        return recorder

    with stamina.set_testing(True, attempts=100, cap=True):
        recorder = turn(None)
        for number, event in enumerate(story):
            first, second = every[1 + 2 * number : 3 + 2 * number]
            kraken.trades_of["BTC/USD"] = every[: 3 + 2 * number]
            feed.batches.append(arrivals_of(event, first, second, every[: 3 + 2 * number]))
            recorder = turn(recorder)
        for turned in count():
            assert turned < 200, "the end is never reached"
            recorder = turn(recorder)
            if len(read_trades(kafka)) >= len(every):
                break
    assert sorted(read_trades(kafka), key=lambda trade: trade.trade_id) == every


def arrivals_of(event: str, first: Trade, second: Trade, so_far: list[Trade]) -> Sequence[Arrival]:
    """Return the arrivals of two trades, as the feed may send them."""
    match event:
        case "lost":
            return [live([second])]
        case "twice":
            return [live([first]), live([first, second]), live([second])]
        case "swapped":
            return [live([second]), live([first])]
        case "break":
            return [live([first]), Broken([BTC]), Subscribed(BTC)]
        case "snapshot":
            return [Broken([BTC]), Subscribed(BTC), live(so_far[-3:], snapshot=True)]
        case _:
            return [live([first]), live([second])]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("too_late", [False, True], ids=["before", "after"])
def test_a_crash_in_a_transaction_of_two_pairs_loses_and_doubles_nothing(
    publisher_on: Callable[..., Publisher],
    read_trades: Callable[[FakeKafka], list[Trade]],
    trades: MakeTrades,
    call: str,
    *,
    too_late: bool,
) -> None:
    """Killed before or after any call, the next start continues exactly, for both."""
    kafka, clock = FakeKafka(), FakeTime()
    every = {pair.symbol: trades(range(1, 4), pair.symbol) for pair in (BTC, ETH)}
    kraken = FakeKraken(dict(every), from_start=True)

    def recorder_of(feed: FakeFeed) -> LiveRecorder:
        publisher = publisher_on(kafka, now=clock.utc)
        publisher.open()
        catch_up = CatchUpFetcher(kraken, publisher, RetryPolicy(), AtOnce())
        gaps = GapFiller(kraken, publisher, [BTC, ETH], pool=AtOnce(), now=clock.utc)
        return LiveRecorder(
            feed,
            catch_up,
            publisher,
            [BTC, ETH],
            gaps,
            batch=BATCH,
            stop=clock,
            clock=lambda: clock.now,
        )

    first = recorder_of(feed := FakeFeed())
    turns(first, 2)
    more = {pair: trades([4, 5], pair.symbol) for pair in (BTC, ETH)}
    feed.batches = [[live(of_pair, pair) for pair, of_pair in more.items()]]
    kafka.fail(call, Crash(), too_late=too_late, passing=1 if call == "produce" else 0)
    if call == "init_transactions":
        with pytest.raises(Crash):
            recorder_of(FakeFeed())
    else:
        with pytest.raises(Crash):
            first.turn()
    again = [[live(every[pair.symbol][-1:] + more[pair], pair, snapshot=True) for pair in more]]
    turns(recorder_of(FakeFeed([[Subscribed(BTC), Subscribed(ETH)], *again])), 2)
    for pair, of_pair in more.items():
        found = [trade for trade in read_trades(kafka) if trade.symbol == pair.symbol]
        assert found == every[pair.symbol] + of_pair
