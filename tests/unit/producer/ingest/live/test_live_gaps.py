"""What the live loop does about missing trade ids."""

from collections.abc import Callable

import pytest

from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.gap_filler import GapFiller
from producer.ingest.live import Batch, LiveRecorder
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.publisher import Publisher
from producer.model.feed_events import Subscribed
from producer.model.gaps.open_gap import newest_gaps
from producer.model.trade import Trade
from producer.model.venue_errors import Unavailable
from tests.unit.producer.fake_feed import BTC, AtOnce, FakeFeed, live, turns
from tests.unit.producer.fake_kafka import FakeKafka
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime

MakeTrades = Callable[..., list[Trade]]
Ids = Callable[[str], list[int]]


@pytest.fixture
def record(
    kafka: FakeKafka, publisher_on: Callable[..., Publisher], time: FakeTime
) -> Callable[..., LiveRecorder]:
    """Make a recorder of one pair: `record(feed, kraken)`."""

    def make(feed: FakeFeed, kraken: FakeKraken) -> LiveRecorder:
        publisher = publisher_on(kafka, now=time.utc)
        publisher.open()
        return LiveRecorder(
            feed,
            CatchUpFetcher(kraken, publisher, RetryPolicy(), AtOnce()),
            publisher,
            [BTC],
            GapFiller(kraken, publisher, [BTC], pool=AtOnce(), now=time.utc),
            batch=Batch(seconds=0.05, trades=100),
            stop=time,
            clock=lambda: time.now,
        )

    return make


def test_ids_that_kraken_does_not_have_are_a_hole_in_the_end(
    kafka: FakeKafka,
    record: Callable[..., LiveRecorder],
    trades: MakeTrades,
    ids: Ids,
    time: FakeTime,
) -> None:
    """An open gap for a quarter of an hour; live trades behind it are not held up."""
    kraken = FakeKraken({"BTC/USD": trades([1])}, by_time=True)
    recorder = record(feed := FakeFeed([[Subscribed(BTC)]]), kraken)
    turns(recorder, 2)
    kraken.trades_of["BTC/USD"] = trades([1, 3, 4, 5])
    feed.batches = [[live(trades([3]))], [live(trades([4, 5]))]]
    for _ in range(8):
        time.now += 1
        recorder.turn()
    assert ids("BTC/USD") == [1, 3, 4, 5]
    assert kafka.committed("t.holes") == []
    for _ in range(920):
        time.now += 1
        recorder.turn()
    assert [one.key for one in kafka.committed("t.holes")] == [b"BTC/USD/2-2"]


def test_what_the_socket_brought_is_recorded_although_rest_lacks_it(
    kafka: FakeKafka,
    record: Callable[..., LiveRecorder],
    trades: MakeTrades,
    ids: Ids,
    time: FakeTime,
) -> None:
    """REST has 104 and later; the socket had 102 and 103. Only 101 is missing, until it comes."""
    kraken = FakeKraken({"BTC/USD": trades([99, 100])}, by_time=True, page_size=20)
    recorder = record(feed := FakeFeed([[Subscribed(BTC)]]), kraken)
    turns(recorder, 2)
    kraken.trades_of["BTC/USD"] = trades([99, 100, *range(104, 111)])
    feed.batches = [[live(trades([102, 103]))]]
    for _ in range(60):
        time.now += 1
        recorder.turn()
    assert sorted(ids("BTC/USD")) == [99, 100, *range(102, 111)]
    gaps = newest_gaps(kafka.keys_and_values("t.gaps"))
    assert [gap.key for gap in gaps] == ["BTC/USD/101-101"]
    kraken.trades_of["BTC/USD"] = trades(range(99, 111))
    for _ in range(240):
        time.now += 1
        recorder.turn()
    assert sorted(ids("BTC/USD")) == list(range(99, 111))
    assert newest_gaps(kafka.keys_and_values("t.gaps")) == []
    assert kafka.committed("t.holes") == []


def test_a_trade_that_the_socket_brings_late_fills_its_gap(
    kafka: FakeKafka,
    record: Callable[..., LiveRecorder],
    trades: MakeTrades,
    ids: Ids,
    time: FakeTime,
) -> None:
    """Whichever feed brings it, and only once."""
    kraken = FakeKraken({"BTC/USD": trades([1])}, by_time=True)
    recorder = record(feed := FakeFeed([[Subscribed(BTC)]]), kraken)
    turns(recorder, 2)
    kraken.failures = [Unavailable("EService:Unavailable")] * 99
    feed.batches = [[live(trades([4]))]]
    for _ in range(8):
        time.now += 1
        recorder.turn()
    assert ids("BTC/USD") == [1, 4]
    feed.batches = [[live(trades([3]))], [live(trades([2, 3]))], [live(trades([2]))]]
    turns(recorder, 4)
    assert ids("BTC/USD") == [1, 4, 3, 2]
    assert newest_gaps(kafka.keys_and_values("t.gaps")) == []
