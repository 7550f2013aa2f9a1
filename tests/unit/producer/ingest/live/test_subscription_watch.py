"""A subscription that is dead while its connection lives is noticed and renewed."""

from collections.abc import Callable
from datetime import datetime

import pytest
import structlog

from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.gap_filler import GapFiller
from producer.ingest.live import Batch, LiveRecorder
from producer.ingest.retry_policy import RetryPolicy
from producer.ingest.subscription_watch import SubscriptionWatch
from producer.kafka.publisher import Publisher
from producer.model.feed_events import Broken, LiveTrades, Subscribed
from producer.model.trade import Trade
from tests.unit.producer.fake_feed import BTC, ETH, AtOnce, FakeFeed, live
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime

MakeTrades = Callable[..., list[Trade]]


@pytest.fixture
def feed() -> FakeFeed:
    """It remembers what was renewed."""
    return FakeFeed()


@pytest.fixture
def long_ago(now: datetime) -> float:
    """A quarter of an hour before the tests' trades come by REST, unix seconds."""
    return now.timestamp() - 900


@pytest.fixture
def watch(feed: FakeFeed, long_ago: float) -> SubscriptionWatch:
    """BTC/USD and ETH/USD have been subscribed to for long; trade n was n - 100 s after that."""
    watch = SubscriptionWatch(feed)
    for pair in (BTC, ETH):
        watch.note(Subscribed(pair), long_ago)
    return watch


def test_trades_that_the_feed_owed_renew_the_subscription_then_the_connection(
    watch: SubscriptionWatch, feed: FakeFeed, trades: MakeTrades, long_ago: float
) -> None:
    """Each with a line in the log; another pair is left alone."""
    with structlog.testing.capture_logs() as lines:
        watch.brought_by_rest(BTC, trades([500]))
        watch.brought_by_rest(BTC, trades([501]))
        watch.note(Subscribed(BTC), long_ago)
        watch.brought_by_rest(BTC, trades([502]))
    assert feed.renewed == [("subscription", "BTC/USD"), ("connection", "BTC/USD")]
    assert [line["event"] for line in lines] == ["subscription_renewed", "connection_renewed"]


def test_a_live_trade_shows_that_a_renewal_helped(
    watch: SubscriptionWatch, feed: FakeFeed, trades: MakeTrades, long_ago: float
) -> None:
    """The next time the subscription comes first again. A snapshot shows nothing."""
    for arrivals in ([live(trades([600]))], [live(trades([601]), snapshot=True)]):
        watch.brought_by_rest(BTC, trades([500]))
        watch.note(Subscribed(BTC), long_ago)
        for arrival in arrivals:
            watch.note(arrival, long_ago)
    watch.brought_by_rest(BTC, trades([502]))
    assert [kind for kind, _ in feed.renewed] == ["subscription", "subscription", "connection"]


@pytest.mark.parametrize("trade_id", [50, 104, 996, 1000], ids=str)
def test_what_the_feed_did_not_owe_renews_nothing(
    watch: SubscriptionWatch, feed: FakeFeed, trades: MakeTrades, trade_id: int
) -> None:
    """Before the subscription, about its time, or so young that it may still come."""
    watch.brought_by_rest(BTC, trades([trade_id]))
    assert feed.renewed == []


def test_a_pair_without_a_subscription_is_owed_nothing(
    watch: SubscriptionWatch, feed: FakeFeed, trades: MakeTrades, now: datetime
) -> None:
    """Nor one whose trades were left out here, since too many waited."""
    watch.note(Broken([BTC]), now.timestamp())
    watch.brought_by_rest(BTC, trades([500]))
    watch.note(LiveTrades(ETH, (), snapshot=False, faults=("not taken",)), now.timestamp())
    watch.brought_by_rest(ETH, trades([500], "ETH/USD"))
    assert feed.renewed == []


def test_the_live_loop_renews_a_dead_subscription(
    publisher: Publisher, trades: MakeTrades, time: FakeTime, long_ago: float, feed: FakeFeed
) -> None:
    """REST, asked because nothing comes, brings the trades and the renewal."""
    kraken = FakeKraken({"BTC/USD": trades(range(1, 4))}, page_size=100)
    recorder = LiveRecorder(
        feed,
        CatchUpFetcher(kraken, publisher, RetryPolicy(), AtOnce()),
        publisher,
        [BTC],
        GapFiller(kraken, publisher, [BTC], pool=AtOnce(), now=time.utc),
        batch=Batch(0.05, 100),
        stop=time,
        clock=lambda: time.now,
        now=lambda: long_ago,
    )
    feed.batches = [[Subscribed(BTC)], [live(trades([4]))]]
    for _ in range(400):
        recorder.turn()
        time.now += 1
        if time.now == 20:
            kraken.trades_of = {"BTC/USD": trades([1, 2, 3, 4, *range(500, 520)])}
    assert feed.renewed == [("subscription", "BTC/USD")]
