"""Pairs that cannot be recorded for now: in the log, and in Kafka."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import structlog

from producer.errors import PairParked, PairStateUnusable
from producer.ingest.parking import Parking, parked_by
from producer.kafka.publisher import Publisher
from producer.model.pair_state import PairState, newest_states
from producer.model.venue_errors import PairRefused, UnknownPair, UnknownRowShape
from tests.unit.producer.fake_kafka import FakeKafka

DELISTED = PairParked("LUNA/USD", "Kraken answered 'EQuery:Unknown asset pair'", "take it out")


@pytest.fixture
def park_on(
    kafka: FakeKafka, publisher_on: Callable[..., Publisher], now: datetime
) -> Callable[..., Parking]:
    """Make a parking that keeps its states in the topic `t.pairs`, and reads them first."""

    def make(hours: int = 0, producer: str = "id") -> Parking:
        publisher = publisher_on(kafka)
        publisher.open()
        return Parking(
            publisher.keep,
            topic="t.pairs",
            exchange="KRAKEN",
            producer=producer,
            held=states_in(kafka),
            now=lambda: now + timedelta(hours=hours),
        )

    return make


def states_in(kafka: FakeKafka) -> list[PairState]:
    """What a reader of the topic sees."""
    return newest_states((record.key, record.value) for record in kafka.committed("t.pairs"))


def test_a_parked_pair_stands_in_kafka_until_it_goes_on(
    kafka: FakeKafka, park_on: Callable[..., Parking], now: datetime
) -> None:
    """With its reason and what to do; a tombstone takes it back."""
    parking = park_on()
    with structlog.testing.capture_logs() as lines:
        parking.park(DELISTED, retry_in=5)
        (state,) = states_in(kafka)
        parking.resume("LUNA/USD")
    assert (state.symbol, state.status, state.parked_at) == ("LUNA/USD", "parked", now)
    assert "Unknown asset pair" in state.reason
    assert state.advice == "take it out"
    assert states_in(kafka) == []
    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("pair_parked", "error"),
        ("pair_resumed", "warning"),
    ]


def test_a_pair_that_stays_parked_writes_nothing_more(
    kafka: FakeKafka, park_on: Callable[..., Parking]
) -> None:
    """Only a line in the log."""
    parking = park_on()
    parking.park(DELISTED, retry_in=5)
    before = kafka.transactions
    with structlog.testing.capture_logs() as lines:
        parking.park(DELISTED, retry_in=10)
        parking.resume("BTC/USD")
    assert [line["event"] for line in lines] == ["pair_still_parked"]
    assert kafka.transactions == before


def test_a_restart_keeps_since_when_a_pair_is_parked(
    kafka: FakeKafka, park_on: Callable[..., Parking], now: datetime
) -> None:
    """And the first answer after it removes the state that the run before has written."""
    park_on().park(DELISTED, retry_in=5)
    restarted = park_on(hours=3)
    restarted.park(DELISTED, retry_in=5)
    assert [state.parked_at for state in states_in(kafka)] == [now]
    park_on(hours=4).resume("LUNA/USD")
    assert states_in(kafka) == []


def test_a_pair_that_is_no_longer_asked_for_is_forgotten(
    kafka: FakeKafka, park_on: Callable[..., Parking]
) -> None:
    """A pair taken out of KRAKEN_PAIR is not reported any more; other producers' pairs stay."""
    park_on().park(DELISTED, retry_in=5)
    park_on(producer="other").park(PairParked("A/B", "refused", "wait"), retry_in=5)
    park_on().forget_all_but(["BTC/USD"])
    assert [state.symbol for state in states_in(kafka)] == ["A/B"]


@pytest.mark.parametrize(
    ("refusal", "advice"),
    [
        (UnknownPair("unknown"), "take it out of KRAKEN_PAIR"),
        (UnknownRowShape("six fields"), "newer version"),
        (PairRefused("EGeneral"), "if this stays"),
    ],
)
def test_each_refusal_says_what_to_do(refusal: PairRefused, advice: str) -> None:
    """By its kind, with Kraken's own words as the reason."""
    parked = parked_by("A/B", refusal)
    assert advice in parked.advice
    assert (parked.symbol, parked.reason) == ("A/B", str(refusal))


def test_a_record_that_is_no_state_is_named() -> None:
    """With its key, and how to take it back."""
    with pytest.raises(PairStateUnusable, match=r"A/B.*tombstone"):
        newest_states([(b"A/B", b"{}")])
