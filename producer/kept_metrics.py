"""The producer's metrics for Prometheus.

What a transaction holds is counted after Kafka has committed it, so a transaction that is written
again counts once.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from producer.metrics import NO_METRICS, ProducerMetrics
from producer.model.gaps.open_gap import OpenGap
from producer.model.page_update import PageUpdate
from producer.model.venue_errors import VenueError
from runtime.metrics import Metrics, MetricsSettings
from runtime.metrics_server import serving

__all__ = ["KeptMetrics", "open_metrics"]

_MICROS: Final = 1_000_000


class KeptMetrics(ProducerMetrics):
    """Keeps what is reported.

    Args:
        metrics: Where the metrics are declared.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._newest: dict[str, int] = {}
        by_pair, count = ("symbol",), metrics.counter
        self._trades = count(
            "kraken_producer_trades_total", "Trades committed to Kafka.", "symbol", "feed"
        )
        self._late = count(
            "kraken_producer_late_trades_total",
            "Those of them that filled a gap after later trades.",
            *by_pair,
        )
        self._pages = count(
            "kraken_producer_pages_total",
            "Pages with new trades committed to Kafka: an answer of REST, or what the WebSocket "
            "brought for one transaction.",
            "symbol",
            "feed",
        )
        self._newest_at = metrics.gauge(
            "kraken_producer_newest_trade_timestamp_seconds",
            "The exchange's time of the newest trade committed to Kafka.",
            *by_pair,
        )
        self._dead_letters = count(
            "kraken_producer_dead_letters_total",
            "Rows of the exchange that are no valid trade.",
            *by_pair,
        )
        self._found = count(
            "kraken_producer_gaps_found_total", "Gaps opened: trade ids that are missing.", *by_pair
        )
        self._confirmed = count(
            "kraken_producer_holes_confirmed_total",
            "Gaps that count as holes of the exchange, after repeated questions.",
            *by_pair,
        )
        self._revoked = count(
            "kraken_producer_holes_revoked_total",
            "Confirmed holes whose trades came after all.",
            *by_pair,
        )
        self._transaction = metrics.seconds(
            "kraken_producer_transaction_seconds", "Duration of the committed transactions."
        )
        self._failed = count(
            "kraken_producer_transactions_failed_total",
            "Transactions not committed, or of unknown outcome. They are repeated.",
        )
        self._request = metrics.seconds(
            "kraken_producer_rest_request_seconds",
            "Duration of REST requests, without the wait for their turn.",
            "endpoint",
        )
        self._errors = count(
            "kraken_producer_rest_errors_total",
            "REST requests without a usable answer, by kind of error.",
            "endpoint",
            "kind",
        )
        self._limited = count(
            "kraken_producer_rate_limit_wait_seconds_total",
            "Seconds that the exchange's rate limit delayed all requests.",
        )
        self._breaks = count(
            "kraken_producer_websocket_breaks_total",
            "Breaks of WebSocket connections, each followed by a reconnect, by kind of error.",
            "kind",
        )
        self._held = metrics.view(
            "kraken_producer_held_trades",
            "Trades of the WebSocket that wait for earlier ones from REST.",
            *by_pair,
        )
        self._open = metrics.view(
            "kraken_producer_open_gaps", "Gaps that the exchange is still asked for.", *by_pair
        )
        self._missing = metrics.view(
            "kraken_producer_missing_trades", "Trade ids in open gaps.", *by_pair
        )
        self._oldest = metrics.view(
            "kraken_producer_oldest_gap_timestamp_seconds",
            "When the oldest open gap was found.",
            *by_pair,
        )
        self._parked = metrics.view(
            "kraken_producer_parked", "1 for each pair that cannot be recorded for now.", *by_pair
        )
        self._share = metrics.gauge(
            "kraken_backfill_progress_ratio",
            "How much of this run's time span a backfill has recorded, 0 to 1.",
            *by_pair,
        )
        self._reached = metrics.gauge(
            "kraken_backfill_reached_timestamp_seconds",
            "The time up to which a backfill has recorded all trades.",
            *by_pair,
        )

    def expect(self, symbols: Iterable[str], feed: str) -> None:
        """Show these pairs from the start, with nothing recorded yet."""
        for symbol in symbols:
            self._trades.labels(symbol, feed.upper())
            self._dead_letters.labels(symbol)

    def written(self, update: PageUpdate) -> None:
        """Count what a committed transaction holds of a pair."""
        symbol = update.symbol
        if held := update.trades or update.late:
            # A page is from one feed.
            feed = held[0].feed
            self._trades.labels(symbol, feed).inc(len(update.trades) + len(update.late))
            self._pages.labels(symbol, feed).inc()
        if update.trades:
            newest = max(self._newest.get(symbol, 0), update.trades[-1].executed_micros)
            self._newest[symbol] = newest
            self._newest_at.labels(symbol).set(newest / _MICROS)
        for counter, number in (
            (self._late, len(update.late)),
            (self._dead_letters, len(update.dead_letters)),
            (self._found, len(update.suspected)),
            (self._confirmed, len(update.confirmed)),
            (self._revoked, len(update.revoked)),
        ):
            if number:
                counter.labels(symbol).inc(number)

    def transaction(self, seconds: float) -> None:
        """Count a committed transaction."""
        self._transaction.observe(seconds)

    def transaction_failed(self) -> None:
        """Count a transaction that was not committed, or whose outcome is unknown."""
        self._failed.inc()

    def request(self, endpoint: str, seconds: float, error: VenueError | None = None) -> None:
        """Count a REST request, and its error if it had one."""
        self._request.labels(endpoint).observe(seconds)
        if error is not None:
            self._errors.labels(endpoint, type(error).__name__).inc()

    def rate_limited(self, seconds: float) -> None:
        """Count a wait that Kraken's rate limit caused."""
        self._limited.inc(seconds)

    def connection_broken(self, error: VenueError) -> None:
        """Count a break of a WebSocket connection, which is then opened again."""
        self._breaks.labels(type(error).__name__).inc()

    def backfilled(self, symbol: str, share: float, reached: datetime | None) -> None:
        """Note how far a backfill has come with a pair: 0 to 1, and the time reached."""
        self._share.labels(symbol).set(share)
        if reached is not None:
            self._reached.labels(symbol).set(reached.timestamp())

    def follow_held(self, read: Callable[[], Mapping[str, int]]) -> None:
        """Read here how many trades of each pair are held."""
        self._held.follow(read)

    def follow_gaps(self, read: Callable[[], Iterable[OpenGap]]) -> None:
        """Read the open gaps here."""

        def by_pair(
            number: Callable[[OpenGap], float], join: Callable[[float, float], float]
        ) -> Callable[[], Mapping[str, float]]:
            def values() -> Mapping[str, float]:
                found: dict[str, float] = {}
                for gap in read():
                    value = number(gap)
                    before = found.get(gap.symbol)
                    found[gap.symbol] = value if before is None else join(before, value)
                return found

            return values

        self._open.follow(by_pair(lambda _: 1, operator.add))
        self._missing.follow(by_pair(lambda gap: gap.missing, operator.add))
        self._oldest.follow(by_pair(lambda gap: gap.found_at.timestamp(), min))

    def follow_parked(self, read: Callable[[], Iterable[str]]) -> None:
        """Read here which pairs are parked."""
        self._parked.follow(lambda: dict.fromkeys(read(), 1))


@contextmanager
def open_metrics(settings: MetricsSettings) -> Iterator[ProducerMetrics]:
    """Serve the metrics during a `with` block; keep none if METRICS_PORT is not set."""
    if not settings.port:
        yield NO_METRICS
        return
    metrics = Metrics()
    kept = KeptMetrics(metrics)
    with serving(metrics, settings):
        yield kept
