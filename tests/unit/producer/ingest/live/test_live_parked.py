"""The live loop while REST or the feed refuses one pair."""

from collections.abc import Callable

import pytest
import structlog

from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.gap_filler import GapFiller
from producer.ingest.late_pairs import LatePairs
from producer.ingest.live import Batch, LiveRecorder
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.publisher import Publisher
from producer.kraken.pairs import KrakenPair
from producer.model.feed_events import Broken, Subscribed
from producer.model.pair import PairChoice
from producer.model.trade import Trade
from producer.model.venue_errors import AccessDenied, PairRefused, UnknownPair, UnknownRowShape
from tests.unit.producer.fake_feed import BTC, ETH, AtOnce, FakeFeed, live
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime

MakeTrades = Callable[..., list[Trade]]
Ids = Callable[[str], list[int]]


@pytest.fixture
def record(publisher: Publisher, time: FakeTime) -> Callable[..., LiveRecorder]:
    """Make a recorder of two pairs: `record(kraken, retries=RetryPolicy())`."""

    def make(
        kraken: FakeKraken, *pairs: KrakenPair, retries: RetryPolicy, late: LatePairs | None = None
    ) -> LiveRecorder:
        return LiveRecorder(
            FakeFeed(),
            CatchUpFetcher(kraken, publisher, retries, AtOnce()),
            publisher,
            pairs or [BTC, ETH],
            GapFiller(kraken, publisher, pairs or [BTC, ETH], pool=AtOnce(), now=time.utc),
            batch=Batch(0.05, 100),
            stop=time,
            late=late,
            clock=lambda: time.now,
        )

    return make


def pass_time(recorder: LiveRecorder, time: FakeTime, seconds: int) -> None:
    """Two turns a second."""
    for _ in range(2 * seconds):
        recorder.turn()
        time.now += 0.5


@pytest.mark.parametrize(
    "refusal",
    [UnknownPair("EQuery:Unknown asset pair"), PairRefused("EGeneral"), UnknownRowShape("six")],
    ids=lambda refusal: type(refusal).__name__,
)
def test_a_pair_that_rest_refuses_stops_no_other(
    record: Callable[..., LiveRecorder],
    trades: MakeTrades,
    time: FakeTime,
    ids: Ids,
    refusal: Exception,
) -> None:
    """The other pair's gaps are filled at once meanwhile; the refused one resumes."""
    kraken = FakeKraken(
        {"BTC/USD": trades([1, 2]), "ETH/USD": trades([7], "ETH/USD")},
        refused={"BTC/USD": refusal},
    )
    recorder = record(kraken, retries=RetryPolicy())
    recorder._feed.batches = [[Subscribed(ETH)]]
    with structlog.testing.capture_logs() as lines:
        pass_time(recorder, time, 20)
        kraken.trades_of["ETH/USD"] = trades([7, 8, 9], "ETH/USD")
        recorder._feed.batches = [[live(trades([9, 10], "ETH/USD"), ETH)]]
        pass_time(recorder, time, 2)
        assert ids("ETH/USD") == [7, 8, 9, 10]
        assert ids("BTC/USD") == []
        kraken.refused.clear()
        pass_time(recorder, time, 60)
    assert ids("BTC/USD") == [1, 2]
    events = [line["event"] for line in lines if line["event"].startswith("pair_")]
    assert (events[0], events[-1]) == ("pair_parked", "pair_resumed")
    assert sum(symbol == "BTC/USD" for symbol, _ in kraken.asked) < 25


def test_a_parked_pair_that_the_feed_brings_back_resumes_with_rests_next_answer(
    record: Callable[..., LiveRecorder],
    trades: MakeTrades,
    time: FakeTime,
    ids: Ids,
) -> None:
    """Not only once it falls silent, as busy pairs hardly ever do."""
    kraken = FakeKraken(
        {"BTC/USD": trades([1])}, refused={"BTC/USD": UnknownPair("EQuery:Unknown asset pair")}
    )
    recorder = record(kraken, BTC, retries=RetryPolicy())
    with structlog.testing.capture_logs() as lines:
        kraken.refused, refused = {}, kraken.refused
        pass_time(recorder, time, 1)
        assert ids("BTC/USD") == [1]
        kraken.refused = refused
        recorder._feed.batches = [[Broken((BTC,))]]
        pass_time(recorder, time, 12)
        kraken.refused = {}
        kraken.trades_of["BTC/USD"] = trades(list(range(1, 100)))
        recorder._feed.batches = [[Subscribed(BTC)]]
        for trade_id in range(2, 100):
            recorder._feed.batches = [*recorder._feed.batches, [live(trades([trade_id]), BTC)]]
            pass_time(recorder, time, 1)
    assert ids("BTC/USD") == list(range(1, 100))
    events = [line["event"] for line in lines if line["event"].startswith("pair_")]
    assert (events[0], events[-1]) == ("pair_parked", "pair_resumed")


def test_a_subscription_ends_the_wait_for_a_parked_pair(
    record: Callable[..., LiveRecorder],
    trades: MakeTrades,
    time: FakeTime,
    ids: Ids,
) -> None:
    """Kraken knows the pair again: its trades need not wait for REST until an hour is over."""
    kraken = FakeKraken(
        {"BTC/USD": trades([1, 2])}, refused={"BTC/USD": UnknownPair("EQuery:Unknown asset pair")}
    )
    retries = RetryPolicy()
    recorder = record(kraken, BTC, retries=retries)
    while retries.due("BTC/USD") < time.now + 60:
        pass_time(recorder, time, 1)
    kraken.refused.clear()
    recorder._feed.batches = [[Subscribed(BTC)]]
    pass_time(recorder, time, 10)
    assert ids("BTC/USD") == [1, 2]


def test_a_pair_that_the_feed_refuses_is_recorded_by_rest(
    record: Callable[..., LiveRecorder],
    trades: MakeTrades,
    time: FakeTime,
    ids: Ids,
) -> None:
    """Every few seconds."""
    kraken = FakeKraken({"BTC/USD": trades([1]), "ETH/USD": trades([7], "ETH/USD")})
    recorder = record(kraken, retries=RetryPolicy())
    recorder._feed.batches = [[Broken((BTC,)), Subscribed(ETH)]]
    pass_time(recorder, time, 10)
    kraken.trades_of["BTC/USD"] = trades([1, 2, 3])
    pass_time(recorder, time, 10)
    assert ids("BTC/USD") == [1, 2, 3]


def test_a_shield_before_rest_ends_nothing(
    record: Callable[..., LiveRecorder],
    trades: MakeTrades,
    time: FakeTime,
    ids: Ids,
) -> None:
    """Live trades go on; REST is not asked for long, then brings what is missing."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2, 3])}, failures=[AccessDenied("HTTP 403")])
    recorder = record(kraken, BTC, retries=RetryPolicy())
    pass_time(recorder, time, 20)
    assert len(kraken.asked) == 1
    pass_time(recorder, time, 30)
    assert ids("BTC/USD") == [1, 2, 3]


def test_a_pair_that_kraken_lists_later_is_recorded_from_then_on(
    record: Callable[..., LiveRecorder],
    trades: MakeTrades,
    time: FakeTime,
    ids: Ids,
) -> None:
    """By the feed and by REST."""
    unknown = UnknownPair("Kraken trades no pair named 'ETH/USD'")
    retries = RetryPolicy()
    retries.failed("ETH/USD", unknown, now=0)
    late = LatePairs(["ETH/USD"], lambda: PairChoice({"ETH/USD": ETH}, {}), retries)
    kraken = FakeKraken({"BTC/USD": trades([1]), "ETH/USD": trades([7], "ETH/USD")})
    recorder = record(kraken, BTC, retries=retries, late=late)
    pass_time(recorder, time, 10)
    assert recorder._feed.added == [ETH]
    assert ids("ETH/USD") == [7]
