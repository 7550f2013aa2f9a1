"""Connect live recording to the real Kraken, Kafka and registry."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Final

import structlog

from producer.cli.kraken_access import choose_pairs, open_kraken
from producer.cli.symbols import choose
from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.gap_filler import GapFiller
from producer.ingest.heartbeat import Heartbeat
from producer.ingest.late_pairs import LatePairs
from producer.ingest.live import Batch, LiveRecorder
from producer.ingest.parking import Parking
from producer.ingest.poller import Pace, Poller
from producer.ingest.retry_policy import RetryPolicy
from producer.ingest.shutdown import StopRequest
from producer.kafka.lost_cursors import restore_lost_cursors
from producer.kafka.market_symbols import carry_on
from producer.kafka.publish_log import Summary
from producer.kafka.publish_log import log_update as log_page_update
from producer.kafka.publisher import Publisher
from producer.kafka.sink import KafkaSink
from producer.kraken.rest.client import KrakenClient
from producer.kraken.settings import KrakenFeedSettings
from producer.kraken.websocket.feed import KrakenFeed
from producer.model.cursor_scope import CursorScope
from producer.model.page_update import PageUpdate
from producer.model.pair import Pair, PairChoice
from producer.model.starting_point import first_since
from producer.settings import ProducerSettings, Settings
from runtime.clock import utc_now

__all__ = ["open_publisher", "record_trades"]

log = structlog.get_logger()

_Follow = Callable[[Sequence[Pair]], list[Pair]]
"""`carry_on` with every argument but the pairs."""

# About a minute of waiting; a failure that lasts longer is not a passing one.
_MOST_FAILURES: Final = 8


def record_trades(settings: Settings, stop: StopRequest, *, until_caught_up: bool) -> None:
    """Record trades until a stop is requested, or until Kraken has no more of any pair.

    The pairs are checked first: a mistake in them must not fence a producer that works.

    Raises:
        ProducerError, VenueError, SchemasError: What ended it instead.
    """
    most_failures = _MOST_FAILURES if until_caught_up else None
    with open_kraken(settings.producer, stop) as kraken:
        choice = choose_pairs(kraken, settings.producer, stop, RetryPolicy(most_failures))
        if stop.made():
            return
        # If all are unknown, the settings are wrong, and waiting does not help.
        choice.require_any()
        if settings.producer.kraken_feed == "websocket" and not until_caught_up:
            _follow_feed(kraken, choice, settings, stop)
            return
        publisher, retries, follow = _open_recording(
            settings, choice, log_page_update, most_failures
        )
        pairs = list(choice.pairs.values())
        former = follow(pairs)
        with GapFiller(kraken, publisher, [*pairs, *former]) as gaps:
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
                late=_late_pairs(kraken, settings.producer, choice, retries, follow),
                beat=Heartbeat(settings.producer.heartbeat_file).beat,
            )
            _log_started(settings, choice)
            poller.catch_up() if until_caught_up else poller.run()
        log.info("stopped" if stop.made() else "caught_up")


def _follow_feed(
    kraken: KrakenClient, choice: PairChoice, settings: Settings, stop: StopRequest
) -> None:
    """Record what the WebSocket sends, with REST for what it lacks."""
    own, pairs, summary = settings.producer, list(choice.pairs.values()), Summary()
    publisher, retries, follow = _open_recording(settings, choice, summary.add, None)
    former = follow(pairs)
    feed_settings = KrakenFeedSettings(url=own.kraken_websocket_url, exchange=own.exchange)
    with (
        ThreadPoolExecutor(1, "late") as pool,
        CatchUpFetcher(kraken, publisher, retries) as catch_up,
        GapFiller(kraken, publisher, [*pairs, *former]) as gaps,
        KrakenFeed(pairs, feed_settings) as feed,
    ):
        recorder = LiveRecorder(
            feed,
            catch_up,
            publisher,
            pairs,
            gaps,
            batch=Batch(own.feed_batch_seconds, own.feed_batch_trades),
            stop=stop,
            late=_late_pairs(kraken, own, choice, retries, follow, pool=pool),
            beat=Heartbeat(own.heartbeat_file).beat,
        )
        _log_started(settings, choice, feed="websocket")
        try:
            recorder.run()
        finally:
            summary.log_rest()
    log.info("stopped")


def _log_started(settings: Settings, choice: PairChoice, **more: str) -> None:
    symbols = [pair.symbol for pair in choice.pairs.values()]
    log.info("started", symbols=symbols, topic=settings.kafka.topic, **more)


def _open_recording(
    settings: Settings,
    choice: PairChoice,
    log_update: Callable[[PageUpdate], None],
    most_failures: int | None,
) -> tuple[Publisher, RetryPolicy, _Follow]:
    """Open live recording's publisher, its retry policy, and what follows renamed pairs.

    Unknown pairs have been parked when it returns.
    """
    symbols = [pair.symbol for pair in choice.pairs.values()]
    own, topic = settings.producer, settings.kafka.topics.pairs
    sink, publisher = _open_sink(settings, [*symbols, *choice.unknown], log_update)
    parking = Parking(
        publisher.keep,
        topic=topic,
        exchange=own.exchange,
        producer=own.transactional_id_for(settings.kafka.topic),
        held=sink.pair_states(),
    )
    parking.forget_all_but([*symbols, *choice.unknown])
    retries = RetryPolicy(most_failures, parking)
    for symbol, error in choice.unknown.items():
        retries.failed(symbol, error, time.monotonic())
    follow = partial(
        carry_on,
        publisher,
        markets=sink.markets(),
        topic=settings.kafka.topics.markets,
        exchange=own.exchange,
        labelled=bool(own.symbols),
        now=utc_now,
    )
    return publisher, retries, follow


def _late_pairs(  # noqa: PLR0913  what each look-up needs
    kraken: KrakenClient,
    settings: ProducerSettings,
    choice: PairChoice,
    retries: RetryPolicy,
    follow: _Follow,
    *,
    pool: Executor | None = None,
) -> LatePairs:
    """Return the pairs that Kraken does not list yet."""

    def look_up() -> PairChoice:
        return choose(settings.pairs, kraken.find_pairs(settings.pairs), settings.symbols)

    return LatePairs(choice.unknown, look_up, retries, pool, follow)


def open_publisher(
    settings: Settings,
    symbols: Sequence[str] = (),
    log_update: Callable[[PageUpdate], None] = log_page_update,
) -> Publisher:
    """Open live polling's publisher: it holds its transactional id and has read its position.

    Args:
        settings: All settings.
        symbols: What it will record; it claims them, and rebuilds those of their cursors that
            were lost.
        log_update: Called with each update that was published.

    Raises:
        ProducerError, RegistryError: The registry, the topics or Kafka cannot be used.
    """
    return _open_sink(settings, symbols, log_update)[1]


def _open_sink(
    settings: Settings, symbols: Sequence[str], log_update: Callable[[PageUpdate], None]
) -> tuple[KafkaSink, Publisher]:
    own = settings.producer
    sink = KafkaSink(settings)
    publisher = sink.publisher(
        own.transactional_id_for(settings.kafka.topic),
        CursorScope(first_since(own.start_from)),
        log_update,
        symbols,
    )
    restore_lost_cursors(publisher, symbols, sink.trades, sink.decode_trade, utc_now)
    return sink, publisher
