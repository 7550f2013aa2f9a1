"""A backfill of pairs of which Kraken refuses one, or cuts the pages short."""

from collections.abc import Callable
from datetime import datetime

import pytest

from producer.errors import VenueGaveUp
from producer.ingest.backfill import Backfill
from producer.ingest.gap_filler import GapFiller
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.publisher import Publisher
from producer.model.time_range import TimeRange
from producer.model.trade import Trade
from producer.model.venue_errors import PairRefused, UnknownPair, UnknownRowShape
from tests.unit.producer.fake_display import Shown
from tests.unit.producer.fake_feed import BTC, ETH, AtOnce
from tests.unit.producer.fake_kafka import FakeKafka
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime

MakeTrades = Callable[..., list[Trade]]
Ids = Callable[[str], list[int]]


@pytest.fixture
def fetch(
    kafka: FakeKafka, publisher_on: Callable[..., Publisher], time: FakeTime, now: datetime
) -> Callable[[FakeKraken], bool]:
    """Run a backfill of all that there is of both pairs."""

    def run(kraken: FakeKraken) -> bool:
        span = TimeRange.read("beginning", None, now)
        publisher = publisher_on(kafka, scope=span.scope, now=time.utc)
        publisher.open()
        time._asked = False  # each run is a new process
        return Backfill(
            kraken,
            publisher,
            [BTC, ETH],
            GapFiller(kraken, publisher, [BTC, ETH], pool=AtOnce(), now=time.utc),
            span=span,
            retries=RetryPolicy(20),
            stop=time,
            display=Shown(),
            clock=lambda: time.now,
        ).run()

    return run


@pytest.mark.parametrize(
    "refusal",
    [UnknownPair("EQuery:Unknown asset pair"), PairRefused("EGeneral"), UnknownRowShape("six")],
    ids=lambda refusal: type(refusal).__name__,
)
def test_a_refused_pair_stops_no_other_and_is_named_at_the_end(
    fetch: Callable[[FakeKraken], bool], trades: MakeTrades, ids: Ids, refusal: Exception
) -> None:
    """The same command, given again, fetches what it lacks."""
    kraken = FakeKraken(
        {"BTC/USD": trades(range(1, 6)), "ETH/USD": trades(range(1, 9), "ETH/USD")},
        by_time=True,
        refused={"BTC/USD": refusal},
    )
    with pytest.raises(VenueGaveUp, match=r"BTC/USD \(3 times.*every other pair is finished"):
        fetch(kraken)
    assert ids("ETH/USD") == list(range(1, 9))
    kraken.refused.clear()
    assert fetch(kraken)
    assert ids("BTC/USD") == list(range(1, 6))
    assert ids("ETH/USD") == list(range(1, 9))


def test_a_refusal_that_passes_costs_nothing(
    fetch: Callable[[FakeKraken], bool], trades: MakeTrades, ids: Ids
) -> None:
    """The pair goes on within the same run."""
    kraken = FakeKraken(
        {"BTC/USD": trades(range(1, 6)), "ETH/USD": trades(range(1, 9), "ETH/USD")},
        by_time=True,
        failures=[UnknownPair("EQuery:Unknown asset pair")],
    )
    assert fetch(kraken)
    assert ids("BTC/USD") == list(range(1, 6))
    assert ids("ETH/USD") == list(range(1, 9))


def test_short_pages_are_followed_to_the_end(
    fetch: Callable[[FakeKraken], bool], trades: MakeTrades, ids: Ids
) -> None:
    """Only a page that brings nothing is the last, however few rows the others have."""
    every = {"BTC/USD": trades(range(1, 51)), "ETH/USD": trades(range(1, 9), "ETH/USD")}
    assert fetch(FakeKraken(every, by_time=True, short=True))
    assert ids("BTC/USD") == list(range(1, 51))
    assert ids("ETH/USD") == list(range(1, 9))
