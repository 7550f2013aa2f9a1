"""What a backfill does about missing trade ids."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import structlog

from producer.ingest.backfill import Backfill
from producer.ingest.gap_filler import GapFiller
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.publisher import Publisher
from producer.kraken.pairs import KrakenPair
from producer.model.gaps.open_gap import newest_gaps
from producer.model.time_range import TimeRange
from producer.model.trade import Trade
from tests.unit.producer.fake_display import Shown
from tests.unit.producer.fake_feed import AtOnce
from tests.unit.producer.fake_kafka import FakeKafka
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime

BTC = KrakenPair("XXBTZUSD", "XBT/USD", "XBTUSD", "BTC/USD")
MakeTrades = Callable[..., list[Trade]]
Ids = Callable[[str], list[int]]


@pytest.fixture
def start(
    kafka: FakeKafka, publisher_on: Callable[..., Publisher], time: FakeTime
) -> Callable[[FakeKraken], Backfill]:
    """Start a backfill of all that there is of one pair. What it returns is to be run."""

    def make(kraken: FakeKraken) -> Backfill:
        span = TimeRange.read("beginning", None, datetime.now(UTC))
        publisher = publisher_on(kafka, scope=span.scope, now=time.utc)
        publisher.open()
        return Backfill(
            kraken,
            publisher,
            [BTC],
            GapFiller(kraken, publisher, [BTC], pool=AtOnce(), now=time.utc),
            span=span,
            retries=RetryPolicy(20),
            stop=time,
            display=Shown(),
            clock=lambda: time.now,
        )

    return make


def test_a_gap_is_asked_for_once_and_left_to_later_runs(
    kafka: FakeKafka, start: Callable[..., Backfill], trades: MakeTrades, ids: Ids
) -> None:
    """A backfill does not wait a quarter of an hour until a gap is confirmed."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2, 3, 7, 8])}, by_time=True)
    with structlog.testing.capture_logs() as lines:
        assert start(kraken).run() is True
    assert ids("BTC/USD") == [1, 2, 3, 7, 8]
    assert kafka.committed("t.holes") == []
    (gap,) = newest_gaps(kafka.keys_and_values("t.gaps"))
    assert (gap.key, gap.asked) == ("BTC/USD/4-6", 1)
    assert [line["gaps"] for line in lines if line["event"] == "open_gaps_left"] == [
        ["BTC/USD 4..6"]
    ]


def test_what_a_page_lacked_is_fetched_before_the_end(
    kafka: FakeKafka, start: Callable[..., Backfill], trades: MakeTrades, ids: Ids
) -> None:
    """The one question brings it; nothing stays missing."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2, 6, 7])}, by_time=True)

    def whole_from_the_second_answer_on() -> None:
        if kraken.asked:
            kraken.trades_of = {"BTC/USD": trades(range(1, 8))}

    kraken.on_call = whole_from_the_second_answer_on
    assert start(kraken).run() is True
    assert sorted(ids("BTC/USD")) == list(range(1, 8))
    assert newest_gaps(kafka.keys_and_values("t.gaps")) == []
