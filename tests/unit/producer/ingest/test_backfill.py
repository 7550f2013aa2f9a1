"""Backfills on a fake Kafka with transactions, beside live polling."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from itertools import count

import pytest

from producer.errors import TerminalError, VenueGaveUp
from producer.ingest.backfill import Backfill
from producer.ingest.gap_filler import GapFiller
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.publisher import Publisher
from producer.kraken.pairs import KrakenPair
from producer.model.time_range import TimeRange
from producer.model.trade import Trade
from producer.model.venue_errors import RequestRefused, Unavailable
from tests.unit.producer.fake_display import Shown
from tests.unit.producer.fake_feed import AtOnce
from tests.unit.producer.fake_kafka import Crash, FakeKafka
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime

BTC = KrakenPair("XXBTZUSD", "XBT/USD", "XBTUSD", "BTC/USD")
ETH = KrakenPair("XETHZUSD", "ETH/USD", "ETHUSD", "ETH/USD")
SOL = KrakenPair("SOLUSD", "SOL/USD", "SOLUSD", "SOL/USD")
MakeTrades = Callable[..., list[Trade]]
MakePublisher = Callable[..., Publisher]
Ids = Callable[[str], list[int]]


@pytest.fixture
def shown() -> Shown:
    """What the display has shown."""
    return Shown()


@pytest.fixture
def start(
    kafka: FakeKafka, publisher_on: MakePublisher, time: FakeTime, shown: Shown
) -> Callable[..., Backfill]:
    """Start the program: `start(kraken, span, BTC, ETH)`. What it returns is to be run."""

    def make(
        kraken: FakeKraken, span: TimeRange, *pairs: KrakenPair, most_failures: int = 20
    ) -> Backfill:
        publisher = publisher_on(kafka, scope=span.scope, now=time.utc)
        publisher.open()
        time._asked = False  # each run is a new process
        return Backfill(
            kraken,
            publisher,
            pairs,
            GapFiller(kraken, publisher, pairs, pool=AtOnce(), now=time.utc),
            span=span,
            retries=RetryPolicy(most_failures),
            stop=time,
            display=shown,
            clock=lambda: time.now,
        )

    return make


@pytest.fixture
def to_now(now: datetime) -> TimeRange:
    """All that there is."""
    return TimeRange.read("beginning", None, now)


def at(trade_id: int, now: datetime) -> str:
    """When the trade with this id was made."""
    return (now - timedelta(seconds=1000 - trade_id)).isoformat()


def test_every_pair_is_fetched_to_its_end(
    start: Callable[..., Backfill], trades: MakeTrades, to_now: TimeRange, ids: Ids, shown: Shown
) -> None:
    """Page by page, each pair at its own length."""
    every = {"BTC/USD": trades(range(1, 12)), "ETH/USD": trades(range(5, 9), "ETH/USD")}
    kraken = FakeKraken(every, by_time=True)
    assert start(kraken, to_now, BTC, ETH).run() is True
    assert ids("BTC/USD") == list(range(1, 12))
    assert ids("ETH/USD") == [5, 6, 7, 8]
    assert shown.finished == {"BTC/USD", "ETH/USD"}
    assert shown.trades == {"BTC/USD": 11, "ETH/USD": 4}


def test_only_the_span_is_fetched(
    start: Callable[..., Backfill], trades: MakeTrades, ids: Ids, now: datetime
) -> None:
    """With the trade at its beginning, without the one at its end."""
    kraken = FakeKraken({"BTC/USD": trades(range(1, 12))}, by_time=True)
    span = TimeRange.read(at(3, now), at(8, now), now)
    assert start(kraken, span, BTC).run() is True
    assert ids("BTC/USD") == [3, 4, 5, 6, 7]
    assert len(kraken.asked) == 2


def test_a_span_that_is_done_asks_nothing(
    start: Callable[..., Backfill], trades: MakeTrades, ids: Ids, now: datetime
) -> None:
    """The same command again finds its cursor at the end."""
    kraken = FakeKraken({"BTC/USD": trades(range(1, 12))}, by_time=True)
    span = TimeRange.read(at(3, now), at(8, now), now)
    start(kraken, span, BTC).run()
    kraken.asked.clear()
    assert start(kraken, span, BTC).run() is True
    assert kraken.asked == []
    assert ids("BTC/USD") == [3, 4, 5, 6, 7]


def test_an_open_end_goes_on_where_it_came(
    start: Callable[..., Backfill], trades: MakeTrades, to_now: TimeRange, ids: Ids, now: datetime
) -> None:
    """Given again, the command fetches what has been traded since."""
    kraken = FakeKraken({"BTC/USD": trades(range(1, 6))}, by_time=True)
    start(kraken, to_now, BTC).run()
    kraken.trades_of = {"BTC/USD": trades(range(1, 9))}
    kraken.asked.clear()
    later = TimeRange.read("beginning", None, now + timedelta(hours=1))
    start(kraken, later, BTC).run()
    assert ids("BTC/USD") == list(range(1, 9))
    assert len(kraken.asked) == 2


def test_failures_are_waited_out(
    start: Callable[..., Backfill], trades: MakeTrades, to_now: TimeRange, ids: Ids
) -> None:
    """The page is asked for again."""
    every = {"BTC/USD": trades(range(1, 8)), "ETH/USD": trades(range(1, 8), "ETH/USD")}
    failures: list[Exception] = [Unavailable("EService")] * 5
    kraken = FakeKraken(every, by_time=True, failures=failures)
    assert start(kraken, to_now, BTC, ETH).run() is True
    assert ids("BTC/USD") == ids("ETH/USD") == list(range(1, 8))


def test_failures_are_not_waited_out_for_ever(
    start: Callable[..., Backfill], trades: MakeTrades, to_now: TimeRange
) -> None:
    """A caller waits for the end."""
    failures: list[Exception] = [Unavailable("EService")] * 9
    kraken = FakeKraken({"BTC/USD": trades([1])}, failures=failures)
    with pytest.raises(VenueGaveUp, match="4 times in a row"):
        start(kraken, to_now, BTC, most_failures=4).run()


def test_a_page_that_stands_still_is_a_failure(
    start: Callable[..., Backfill], trades: MakeTrades, to_now: TimeRange
) -> None:
    """Asking again would always give the same page."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2])}, page_size=1, inclusive=True)
    with pytest.raises(VenueGaveUp, match="holds nothing new"):
        start(kraken, to_now, BTC, most_failures=2).run()


def test_what_repeating_does_not_mend_ends_it(
    start: Callable[..., Backfill], trades: MakeTrades, to_now: TimeRange, time: FakeTime
) -> None:
    """And with it the waits of the other pairs."""
    every = {"BTC/USD": trades([1]), "ETH/USD": trades([1], "ETH/USD")}
    kraken = FakeKraken(every, failures=[RequestRefused("EGeneral")])
    with pytest.raises(RequestRefused):
        start(kraken, to_now, BTC, ETH).run()
    assert time.made()


def test_a_stop_ends_it_before_its_end(  # noqa: PLR0913  fixtures
    start: Callable[..., Backfill],
    trades: MakeTrades,
    to_now: TimeRange,
    ids: Ids,
    *,
    time: FakeTime,
    shown: Shown,
) -> None:
    """What was published stays; the next run does the rest."""
    kraken = FakeKraken({"BTC/USD": trades(range(1, 12))}, by_time=True, on_call=time.make)
    assert start(kraken, to_now, BTC).run() is False
    assert ids("BTC/USD") in ([], [1, 2, 3])  # whether the page came in before the stop was seen
    assert shown.finished == set()
    kraken.on_call = lambda: None
    assert start(kraken, to_now, BTC).run() is True
    assert ids("BTC/USD") == list(range(1, 12))


CALLS = ["init_transactions", "begin_transaction", "produce", "flush", "commit_transaction"]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("too_late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("passing", [0, 1, 4])
def test_a_crash_at_any_call_loses_and_doubles_nothing(  # noqa: PLR0913  fixtures and cases
    kafka: FakeKafka,
    start: Callable[..., Backfill],
    trades: MakeTrades,
    to_now: TimeRange,
    ids: Ids,
    *,
    call: str,
    passing: int,
    too_late: bool,
) -> None:
    """Killed before or after any call of the transaction, the same command continues exactly."""
    every = {"BTC/USD": trades(range(1, 9)), "ETH/USD": trades(range(1, 9), "ETH/USD")}
    kafka.fail(call, Crash(), passing=passing, too_late=too_late, times=2)
    for starts in count(1):
        assert starts < 10
        try:
            assert start(FakeKraken(every, by_time=True), to_now, BTC, ETH).run() is True
        except (Crash, TerminalError):
            continue
        break
    assert ids("BTC/USD") == ids("ETH/USD") == list(range(1, 9))


def test_pages_that_have_come_leave_in_one_transaction(
    kafka: FakeKafka,
    start: Callable[..., Backfill],
    trades: MakeTrades,
    to_now: TimeRange,
    ids: Ids,
) -> None:
    """Together with what could not be fetched, which is asked for again."""
    every = {"BTC/USD": trades([1, 2]), "ETH/USD": trades([5], "ETH/USD")}
    backfill = start(FakeKraken(every, by_time=True), to_now, BTC, ETH)
    fetched = {pair: Future() for pair in (BTC, ETH, SOL)}
    for pair in (BTC, ETH):
        fetched[pair].set_result(backfill._pager.fetch(pair))
    fetched[SOL].set_exception(Unavailable("EService"))
    assert backfill._take(fetched) == {BTC: True, ETH: True}
    assert backfill._resting == {SOL}
    assert (*ids("BTC/USD"), *ids("ETH/USD"), kafka.transactions) == (1, 2, 5, 1)
