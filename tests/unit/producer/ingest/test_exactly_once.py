"""The whole producer on a fake Kafka with transactions, with every kind of end."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest
import stamina
from confluent_kafka import KafkaError, KafkaException
from hypothesis import given, settings
from hypothesis import strategies as st

from producer.errors import TerminalError
from producer.ingest.gap_filler import GapFiller
from producer.ingest.poller import Pace, Poller
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.publisher import Publisher
from producer.kraken.pairs import KrakenPair
from producer.model.trade import Trade
from runtime.shutdown import StopRequest
from tests.unit.producer.fake_feed import AtOnce
from tests.unit.producer.fake_kafka import Crash, FakeKafka, Trip
from tests.unit.producer.fake_kraken import FakeKraken

PAIRS = [
    KrakenPair("XXBTZUSD", "XBT/USD", "XBTUSD", "BTC/USD"),
    KrakenPair("XETHZUSD", "ETH/USD", "ETHUSD", "ETH/USD"),
]

ERRORS = [
    Crash(),
    KafkaException(KafkaError(KafkaError._TIMED_OUT, retriable=True)),
    KafkaException(KafkaError(KafkaError.INVALID_TXN_STATE, txn_requires_abort=True)),
    KafkaException(KafkaError(KafkaError.INVALID_TXN_STATE, fatal=True)),
    KafkaException(KafkaError(KafkaError._FENCED, fatal=True)),
    KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)),
]
CALLS = ["init_transactions", "begin_transaction", "produce", "flush", "commit_transaction"]

trips = st.builds(
    Trip,
    call=st.sampled_from([*CALLS, "read_cursors"]),
    error=st.sampled_from(ERRORS),
    passing=st.integers(0, 12),
    too_late=st.booleans(),
).map(lambda trip: replace(trip, error=Crash()) if trip.call == "read_cursors" else trip)


def run_to_the_end(start: Callable[[], Publisher], kraken: FakeKraken) -> None:
    """Start the program again each time it is killed, until it ends normally."""
    for starts in count(1):
        assert starts < 50
        stop = StopRequest()
        try:
            publisher = start()
            publisher.open()
            gaps = GapFiller(kraken, publisher, PAIRS, pool=AtOnce())
            Poller(
                kraken, publisher, PAIRS, gaps, pace=Pace(0, 0), retries=RetryPolicy(1), stop=stop
            ).catch_up()
        except (Crash, TerminalError):
            continue
        return


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("too_late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("passing", [0, 1, 2, 5])
def test_a_crash_at_any_call_loses_and_doubles_nothing(  # noqa: PLR0913  fixtures and cases
    publisher_on: Callable[..., Publisher],
    read_trades: Callable[[FakeKafka], list[Trade]],
    trades: Callable[..., list[Trade]],
    call: str,
    passing: int,
    *,
    too_late: bool,
) -> None:
    """Killed before or after any call of the transaction, the next start continues exactly."""
    kafka = FakeKafka()
    every = {pair.symbol: trades(range(1, 9), pair.symbol) for pair in PAIRS}
    kraken = FakeKraken(every, page_size=3, from_start=True)
    kafka.fail(call, Crash(), passing=passing, too_late=too_late)
    run_to_the_end(lambda: publisher_on(kafka), kraken)
    for symbol, expected in every.items():
        assert [trade for trade in read_trades(kafka) if trade.symbol == symbol] == expected


@settings(max_examples=150, deadline=None)
@given(
    struck=st.lists(trips, max_size=8),
    counts=st.tuples(st.integers(0, 9), st.integers(0, 9)),
    page_size=st.integers(2, 4),
    inclusive=st.booleans(),
)
def test_no_row_of_failures_loses_or_doubles_a_trade(  # noqa: PLR0913  fixtures and cases
    publisher_on: Callable[..., Publisher],
    read_trades: Callable[[FakeKafka], list[Trade]],
    trades: Callable[..., list[Trade]],
    *,
    struck: list[Trip],
    counts: tuple[int, int],
    page_size: int,
    inclusive: bool,
) -> None:
    """Whatever fails, and however often: each trade once, in order, and the cursor at the end."""
    kafka = FakeKafka(trips=[replace(trip) for trip in struck])
    every = {
        pair.symbol: trades(range(1, count + 1), pair.symbol)
        for pair, count in zip(PAIRS, counts, strict=True)
    }
    kraken = FakeKraken(every, page_size=page_size, inclusive=inclusive, from_start=True)
    with stamina.set_testing(True, attempts=100, cap=True):
        run_to_the_end(lambda: publisher_on(kafka), kraken)
    for symbol, expected in every.items():
        assert [trade for trade in read_trades(kafka) if trade.symbol == symbol] == expected
    kafka.trips.clear()
    again = publisher_on(kafka)
    again.open()
    for symbol, expected in every.items():
        assert again.positions.since(symbol) == str(len(expected))
