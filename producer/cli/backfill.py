"""Connect a backfill to the real Kraken, Kafka and registry."""

import time
from collections.abc import Collection, Sequence
from typing import Final

from rich.console import Console

from producer.cli.kraken_access import choose_pairs, open_kraken
from producer.ingest.backfill import Backfill
from producer.ingest.backfill_progress import MeteredDisplay, open_display
from producer.ingest.gap_filler import GapFiller
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.producer_topics import ProducerTopics
from producer.kafka.publish_log import counted, log_noteworthy
from producer.kafka.publisher import Publisher
from producer.kept_metrics import open_metrics
from producer.kraken.rest.client import KrakenClient
from producer.metrics import NO_METRICS, ProducerMetrics
from producer.model.pair import Pair
from producer.model.time_range import TimeRange
from producer.settings import ProducerSettings, Settings
from runtime.shutdown import StopRequest

__all__ = ["fetch_the_past", "open_backfill_publisher"]

# About a quarter of an hour: a backfill runs unattended, and the next run continues from there.
_MOST_FAILURES: Final = 20


def fetch_the_past(settings: Settings, stop: StopRequest, names: str, span: TimeRange) -> bool:
    """Backfill a time span of the named pairs; False if it was stopped before the end.

    Args:
        settings: All settings.
        stop: Ends it between two transactions.
        names: The pairs, separated by commas; empty for those of the settings.
        span: The time range to fetch.

    Raises:
        ProducerError, BrokerError, VenueError, SchemasError: What ended it instead.
    """
    retries = RetryPolicy(_MOST_FAILURES)
    with (
        open_metrics(settings.metrics) as metrics,
        open_kraken(settings.producer, stop, metrics) as kraken,
    ):
        pairs, unknown = _pairs_of_the_past(kraken, settings.producer, names, stop, retries)
        if stop.made():
            return False
        symbols = [pair.symbol for pair in pairs]
        publisher = open_backfill_publisher(settings, span, symbols, metrics)
        metrics.expect(symbols, "rest")
        with (
            GapFiller(kraken, publisher, pairs) as gaps,
            open_display(Console(stderr=True)) as display,
        ):
            metrics.follow_gaps(gaps.open_gaps)
            ended = Backfill(
                kraken,
                publisher,
                pairs,
                gaps,
                span=span,
                retries=retries,
                stop=stop,
                display=MeteredDisplay(display, metrics),
            ).run()
        if ended:
            retries.refuse_unfinished(unknown)
        return ended


def _pairs_of_the_past(
    kraken: KrakenClient,
    settings: ProducerSettings,
    names: str,
    stop: StopRequest,
    retries: RetryPolicy,
) -> tuple[list[Pair], Collection[str]]:
    """Return the named pairs, and the names that Kraken does not know.

    A pair that live polling records too keeps the symbol that it has there. Unknown names are
    parked, and the other pairs are fetched.

    Raises:
        UnknownPair: Kraken knows none of them.
    """
    named = settings.of_pairs(names) if names else settings
    choice = choose_pairs(kraken, named, stop, retries)
    pairs = list(choice.pairs.values())
    if not stop.made():
        choice.require_any()
    for symbol, error in choice.unknown.items():
        retries.failed(symbol, error, time.monotonic())
    if not (names and settings.symbols):
        return pairs, choice.unknown
    live = choose_pairs(kraken, settings, stop, retries).pairs.values()
    symbols = {pair.key: pair.symbol for pair in live}
    renamed = [pair.recorded_as(symbols.get(pair.key, pair.symbol)) for pair in pairs]
    return renamed, choice.unknown


def open_backfill_publisher(
    settings: Settings,
    span: TimeRange,
    symbols: Sequence[str] = (),
    metrics: ProducerMetrics = NO_METRICS,
) -> Publisher:
    """Open a backfill's publisher: it holds its transactional id and has read its position.

    It uses neither the transactional id nor the claims of live polling, so both can run together.

    Args:
        settings: All settings.
        span: The time range to fetch.
        symbols: What it will record; it claims them.
        metrics: Takes what is recorded.

    Raises:
        ProducerError, BrokerError, RegistryError: The registry, the topics or Kafka cannot be used.
    """
    own = settings.producer
    return ProducerTopics(settings, metrics).publisher(
        own.backfill_id_for(settings.kafka.topic),
        span.scope,
        counted(log_noteworthy, metrics),
        symbols,
    )
