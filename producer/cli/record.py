"""Connect live recording to the real Kraken, Kafka and registry."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Final

import structlog

from producer.cli.kraken_access import choose_pairs, open_kraken
from producer.cli.live_publisher import open_live_publisher
from producer.cli.symbols import choose
from producer.cli.watched_listing import (
    Follow,
    follow_and_note,
    follow_at_start,
    rules_of,
    watch_listing,
)
from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.gap_filler import GapFiller
from producer.ingest.heartbeat import Heartbeat
from producer.ingest.late_pairs import LatePairs
from producer.ingest.live import Batch, LiveRecorder
from producer.ingest.parking import Parking
from producer.ingest.poller import Pace, Poller
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.market_symbols import carry_on
from producer.kafka.publish_log import Summary
from producer.kafka.publish_log import log_update as log_page_update
from producer.kafka.publisher import Publisher
from producer.kept_metrics import open_metrics
from producer.kraken.rest.client import KrakenClient
from producer.kraken.settings import KrakenFeedSettings
from producer.kraken.websocket.feed import KrakenFeed
from producer.metrics import ProducerMetrics
from producer.model.page_update import PageUpdate
from producer.model.pair import Pair, PairChoice
from producer.settings import ProducerSettings, Settings
from runtime.clock import utc_now
from runtime.shutdown import StopRequest

__all__ = ["record_trades"]

log = structlog.get_logger()

# About a minute of waiting; a failure that lasts longer is not a passing one.
_MOST_FAILURES: Final = 8


def record_trades(settings: Settings, stop: StopRequest, *, until_caught_up: bool) -> None:
    """Record trades until a stop is requested, or until Kraken has no more of any pair.

    The pairs are checked first: a mistake in them must not fence a producer that works.

    Raises:
        ProducerError, BrokerError, VenueError, SchemasError: What ended it instead.
    """
    most_failures = _MOST_FAILURES if until_caught_up else None
    with (
        open_metrics(settings.metrics) as metrics,
        open_kraken(settings.producer, stop, metrics) as kraken,
    ):
        choice = choose_pairs(kraken, settings.producer, stop, RetryPolicy(most_failures))
        if stop.made():
            return
        # If all are unknown, the settings are wrong, and waiting does not help.
        choice.require_any()
        if settings.producer.kraken_feed == "websocket" and not until_caught_up:
            _follow_feed(kraken, choice, settings, stop, metrics)
            return
        publisher, retries, follow, former = _open_recording(
            settings, choice, log_page_update, most_failures, metrics
        )
        pairs = list(choice.pairs.values())
        with GapFiller(kraken, publisher, [*pairs, *former]) as gaps:
            metrics.follow_gaps(gaps.open_gaps)
            listing = watch_listing(kraken, settings.producer, pairs, publisher, follow)
            found = follow_and_note(publisher, follow, listing, choice.unknown)
            poller = Poller(
                kraken,
                publisher,
                pairs,
                gaps,
                pace=Pace(
                    behind=settings.producer.kraken_call_interval_seconds,
                    level=settings.producer.poll_interval_seconds,
                ),
                retries=retries,
                stop=stop,
                late=_late_pairs(kraken, settings.producer, choice, retries, found),
                listing=None if until_caught_up else listing,
                beat=Heartbeat(settings.producer.heartbeat_file).beat,
            )
            _log_started(settings, choice)
            poller.catch_up() if until_caught_up else poller.run()
        log.info("stopped" if stop.made() else "caught_up")


def _follow_feed(
    kraken: KrakenClient,
    choice: PairChoice,
    settings: Settings,
    stop: StopRequest,
    metrics: ProducerMetrics,
) -> None:
    """Record what the WebSocket sends, with REST for what it lacks."""
    own, pairs, summary = settings.producer, list(choice.pairs.values()), Summary()
    publisher, retries, follow, former = _open_recording(
        settings, choice, summary.add, None, metrics
    )
    feed_settings = KrakenFeedSettings(url=own.kraken_websocket_url, exchange=own.exchange)
    with (
        ThreadPoolExecutor(1, "late") as pool,
        CatchUpFetcher(
            kraken, publisher, retries, call_interval=own.kraken_call_interval_seconds
        ) as catch_up,
        GapFiller(kraken, publisher, [*pairs, *former]) as gaps,
        KrakenFeed(pairs, feed_settings, metrics=metrics) as feed,
    ):
        listing = watch_listing(kraken, own, pairs, publisher, follow, pool=pool)
        found = follow_and_note(publisher, follow, listing, choice.unknown)
        recorder = LiveRecorder(
            feed,
            catch_up,
            publisher,
            pairs,
            gaps,
            batch=Batch(own.feed_batch_seconds, own.feed_batch_trades),
            stop=stop,
            late=_late_pairs(kraken, own, choice, retries, found, pool=pool),
            listing=listing,
            beat=Heartbeat(own.heartbeat_file).beat,
        )
        metrics.follow_gaps(gaps.open_gaps)
        metrics.follow_held(recorder.held)
        _log_started(settings, choice, feed="websocket")
        try:
            recorder.run()
        finally:
            summary.log_rest()
    log.info("stopped")


def _log_started(settings: Settings, choice: PairChoice, **more: str) -> None:
    symbols = [pair.symbol for pair in choice.pairs.values()]
    fields: dict[str, object] = {"symbols": symbols}
    if settings.producer.rules.by_rule:
        fields = {"pairs": len(symbols), "rules": settings.producer.kraken_pair}
    log.info("started", **fields, topic=settings.kafka.topic, **more)


def _open_recording(
    settings: Settings,
    choice: PairChoice,
    log_update: Callable[[PageUpdate], None],
    most_failures: int | None,
    metrics: ProducerMetrics,
) -> tuple[Publisher, RetryPolicy, Follow, list[Pair]]:
    """Open live recording's publisher, its retry policy, and what follows renamed pairs.

    Unknown pairs have been parked when it returns, and renamed ones followed.

    Returns:
        The three, and the pairs under their former symbols.
    """
    symbols = [pair.symbol for pair in choice.pairs.values()]
    own, topic = settings.producer, settings.kafka.topics.pairs
    topics, publisher = open_live_publisher(
        settings, [*symbols, *choice.unknown], log_update, metrics
    )
    metrics.expect(symbols, own.kraken_feed)
    parking = Parking(
        publisher.keep,
        topic=topic,
        exchange=own.exchange,
        producer=own.transactional_id_for(settings.kafka.topic),
        held=topics.pair_states(),
    )
    metrics.follow_parked(lambda: parking.parked)
    parking.forget_all_but([*symbols, *choice.unknown])
    retries = RetryPolicy(most_failures, parking)
    for symbol, error in choice.unknown.items():
        retries.failed(symbol, error, time.monotonic())
    markets, rules = topics.markets(), rules_of(own)
    follow: Follow = partial(
        carry_on,
        publisher,
        markets=markets,
        topic=settings.kafka.topics.markets,
        exchange=own.exchange,
        labels=own.symbols,
        now=utc_now,
        rules=rules,
    )
    former = follow_at_start(choice, publisher, follow, markets, rules)
    return publisher, retries, follow, former


def _late_pairs(  # noqa: PLR0913  what each look-up needs
    kraken: KrakenClient,
    settings: ProducerSettings,
    choice: PairChoice,
    retries: RetryPolicy,
    follow: Callable[[Sequence[Pair]], object],
    *,
    pool: Executor | None = None,
) -> LatePairs:
    """Return the pairs that Kraken does not list yet."""

    def look_up() -> PairChoice:
        return choose(settings.pairs, kraken.find_pairs(settings.pairs), settings.symbols)

    return LatePairs(choice.unknown, look_up, retries, pool, follow)
