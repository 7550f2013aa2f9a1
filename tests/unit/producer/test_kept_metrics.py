from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from confluent_kafka import KafkaError, KafkaException

from producer.errors import PublishingFailed
from producer.kafka.publish_log import counted, log_update
from producer.kafka.publisher import Publisher
from producer.kept_metrics import KeptMetrics, open_metrics
from producer.metrics import NO_METRICS
from producer.model.gaps.open_gap import OpenGap
from producer.model.page import RejectedRow, TradesPage
from producer.model.venue_errors import RateLimited, Unreachable
from runtime.metrics import Metrics, MetricsSettings
from tests.unit.producer.conftest import NOW
from tests.unit.producer.fake_kafka import FakeKafka

pytestmark = pytest.mark.usefixtures("no_backoff")

MakePage = Callable[..., TradesPage]
ABORTABLE = KafkaException(KafkaError(KafkaError.INVALID_TXN_STATE, txn_requires_abort=True))
PAIR = {"symbol": "BTC/USD"}


@pytest.fixture
def metrics() -> Metrics:
    """A program's metrics."""
    return Metrics()


@pytest.fixture
def kept(metrics: Metrics) -> KeptMetrics:
    """What the producer reports to."""
    return KeptMetrics(metrics)


@pytest.fixture
def value(metrics: Metrics) -> Callable[..., float | None]:
    """Reads one number, as Prometheus gets it."""

    def read(name: str, labels: Mapping[str, str] = PAIR, **more: str) -> float | None:
        return metrics.registry.get_sample_value(f"kraken_{name}", {**labels, **more})

    return read


@pytest.fixture
def metered(kept: KeptMetrics, publisher: Publisher) -> Publisher:
    """A publisher on a fake Kafka that reports what it has written."""
    publisher._log_update = counted(log_update, kept)
    publisher._transactions._metrics = kept
    return publisher


def test_what_was_committed_is_counted(
    metered: Publisher, page: MakePage, value: Callable[..., float | None]
) -> None:
    """Trades and pages by pair and feed, dead letters, gaps, and the newest trade's time."""
    row = RejectedRow('["NaN","1"]', "price is no number", 3)
    first = page([1, 2, 5], rejected=[row])
    metered.publish_together({"BTC/USD": first})
    feed = first.trades[0].feed.value
    assert value("producer_trades_total", feed=feed) == 3
    assert value("producer_pages_total", feed=feed) == 1
    assert value("producer_dead_letters_total") == 1
    assert value("producer_gaps_found_total") == 1
    newest = first.trades[-1].executed_at.timestamp()
    assert value("producer_newest_trade_timestamp_seconds") == newest
    assert value("producer_transaction_seconds_count", {}) == 1
    metered.publish_together({"BTC/USD": page([5], last="5")})
    assert value("producer_trades_total", feed=feed) == 3


@pytest.mark.parametrize("too_late", [False, True], ids=["no effect", "answer lost"])
def test_a_transaction_that_is_repeated_counts_once(
    kafka: FakeKafka,
    metered: Publisher,
    page: MakePage,
    value: Callable[..., float | None],
    *,
    too_late: bool,
) -> None:
    """Whether it had failed or only its answer was lost."""
    kafka.fail("commit_transaction", ABORTABLE, too_late=too_late)
    first = page([1, 2, 3])
    metered.publish_together({"BTC/USD": first})
    assert value("producer_trades_total", feed=first.trades[0].feed.value) == 3
    assert value("producer_transactions_failed_total", {}) == 1


def test_what_was_never_committed_is_not_counted(
    kafka: FakeKafka, metered: Publisher, page: MakePage, value: Callable[..., float | None]
) -> None:
    """Five attempts, no trade."""
    kafka.fail("commit_transaction", ABORTABLE, times=5)
    first = page([1, 2])
    with pytest.raises(PublishingFailed):
        metered.publish_together({"BTC/USD": first})
    assert value("producer_trades_total", feed=first.trades[0].feed.value) is None
    assert value("producer_transactions_failed_total", {}) == 5


def test_trades_that_were_missing_are_counted_apart(
    metered: Publisher, page: MakePage, value: Callable[..., float | None]
) -> None:
    """They leave the newest trade's time where it is."""
    first = page([1, 2, 5])
    metered.publish_together({"BTC/USD": first})
    metered.publish_missing("BTC/USD", page([3, 4]))
    assert value("producer_late_trades_total") == 2
    assert value("producer_trades_total", feed=first.trades[0].feed.value) == 5
    newest = first.trades[-1].executed_at.timestamp()
    assert value("producer_newest_trade_timestamp_seconds") == newest


def test_requests_and_errors_are_counted_by_kind(
    kept: KeptMetrics, value: Callable[..., float | None]
) -> None:
    """A kind is the name of an error's class; its text is never a label."""
    kept.request("Trades", 0.2)
    kept.request("Trades", 0.1, RateLimited("called too often: XBTUSD"))
    kept.rate_limited(2.5)
    kept.connection_broken(Unreachable("no route to 10.1.2.3"))
    assert value("producer_rest_request_seconds_count", {"endpoint": "Trades"}) == 2
    kind = {"endpoint": "Trades", "kind": "RateLimited"}
    assert value("producer_rest_errors_total", kind) == 1
    assert value("producer_rate_limit_wait_seconds_total", {}) == 2.5
    assert value("producer_websocket_breaks_total", {"kind": "Unreachable"}) == 1


def gap(first: int, last: int, *, minutes_ago: int) -> OpenGap:
    """An open gap of BTC/USD."""
    found = NOW - timedelta(minutes=minutes_ago)
    return OpenGap(
        exchange="KRAKEN",
        symbol="BTC/USD",
        first_trade_id=first,
        last_trade_id=last,
        found_at=found,
    )


def test_gaps_held_trades_and_parked_pairs_are_read_when_asked_for(
    kept: KeptMetrics, value: Callable[..., float | None]
) -> None:
    """How many gaps and ids, and when the oldest was found; none of it once it is over."""
    gaps = [gap(3, 4, minutes_ago=90), gap(8, 8, minutes_ago=5)]
    kept.follow_gaps(lambda: gaps)
    kept.follow_held(lambda: {"BTC/USD": 12})
    kept.follow_parked(lambda: ["LUNA/USD"])
    assert value("producer_open_gaps") == 2
    assert value("producer_missing_trades") == 3
    oldest = (NOW - timedelta(minutes=90)).timestamp()
    assert value("producer_oldest_gap_timestamp_seconds") == oldest
    assert value("producer_held_trades") == 12
    assert value("producer_parked", {"symbol": "LUNA/USD"}) == 1
    gaps.clear()
    assert value("producer_oldest_gap_timestamp_seconds") is None


def test_a_pair_is_shown_before_its_first_trade(
    kept: KeptMetrics, value: Callable[..., float | None]
) -> None:
    """Otherwise Prometheus could not see the first trades as an increase."""
    kept.expect(["BTC/USD"], "websocket")
    assert value("producer_trades_total", feed="WEBSOCKET") == 0


def test_a_backfill_shows_how_far_it_is(
    kept: KeptMetrics, value: Callable[..., float | None]
) -> None:
    """As a share, and as a time once there is one."""
    kept.backfilled("BTC/USD", 0.0, None)
    assert value("backfill_progress_ratio") == 0
    assert value("backfill_reached_timestamp_seconds") is None
    kept.backfilled("BTC/USD", 0.25, NOW)
    assert value("backfill_progress_ratio") == 0.25
    assert value("backfill_reached_timestamp_seconds") == NOW.timestamp()


def test_without_a_port_nothing_is_kept() -> None:
    """And what logs publications is called directly."""
    with open_metrics(MetricsSettings.off()) as metrics:
        assert metrics is NO_METRICS
        assert counted(log_update, metrics) is log_update
