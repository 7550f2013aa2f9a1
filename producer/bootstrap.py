"""The only place where the real Kraken, Kafka and registry meet."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import structlog
from rich.console import Console

from producer.backfill import Backfill
from producer.fills import Fills
from producer.heartbeat import Heartbeat
from producer.kraken.client import KrakenClient, utc_now
from producer.kraken.errors import KrakenTransient
from producer.kraken.pacing import Pacer
from producer.kraken.pairs import KrakenPair
from producer.kraken.settings import KrakenClientSettings, KrakenFeedSettings
from producer.kraken.websocket.feed import KrakenFeed
from producer.lane import Lane
from producer.live import Batch, LiveRecorder
from producer.outlet import Outlet
from producer.patience import Patience
from producer.polling import Pace, Poller
from producer.progress import open_display
from producer.publisher import Publisher
from producer.selection import Publication
from producer.settings import ProducerSettings, Settings
from producer.span import Span
from producer.starting_point import first_since
from producer.stopping import StopRequest
from producer.symbols import labelled
from producer.tail import restore_lost_cursors
from producer.telling import Summary, tell, tell_what_wants_a_look

__all__ = [
    "fetch_the_past",
    "open_backfill_publisher",
    "open_kraken",
    "open_publisher",
    "record_trades",
    "resolve_pairs",
]

log = structlog.get_logger()

# About a minute of waiting; longer is no hiccup any more.
_FAILURES_PUT_UP_WITH: Final = 8
# About a quarter of an hour: a backfill runs unwatched, and another run goes on from there.
_FAILURES_PUT_UP_WITH_BY_BACKFILLS: Final = 20


def record_trades(settings: Settings, stop: StopRequest, *, until_caught_up: bool) -> None:
    """Records trades until the stop is asked for, or until Kraken has no more of any pair.

    The pairs come first: a mistake in them must not fence a producer that works.

    Raises:
        ProducerError, KrakenError, SchemasError: What ended it instead.
    """
    patience = Patience(stop, _FAILURES_PUT_UP_WITH if until_caught_up else None)
    with open_kraken(settings.producer, stop) as kraken:
        pairs = resolve_pairs(kraken, settings.producer, stop, patience)
        if stop.made():
            return
        if settings.producer.kraken_feed == "websocket" and not until_caught_up:
            _follow_feed(kraken, pairs, settings, stop, patience)
            return
        publisher = open_publisher(settings, [pair.symbol for pair in pairs])
        poller = Poller(
            kraken,
            publisher,
            pairs,
            pace=Pace(
                behind=settings.producer.kraken_call_interval_seconds,
                level=settings.producer.poll_interval_seconds,
            ),
            patience=patience,
            stop=stop,
            beat=Heartbeat(settings.producer.heartbeat_file).beat,
        )
        log.info("started", symbols=[pair.symbol for pair in pairs], topic=settings.kafka.topic)
        poller.catch_up() if until_caught_up else poller.run()
        log.info("stopped" if stop.made() else "caught_up")


def _follow_feed(
    kraken: KrakenClient,
    pairs: Sequence[KrakenPair],
    settings: Settings,
    stop: StopRequest,
    patience: Patience,
) -> None:
    """Records what the WebSocket sends, with REST for what it lacks."""
    own, symbols, summary = settings.producer, [pair.symbol for pair in pairs], Summary()
    publisher = open_publisher(settings, symbols, summary.tell)
    feed_settings = KrakenFeedSettings(url=own.kraken_websocket_url, exchange=own.exchange)
    with Fills(kraken, publisher, patience) as fills, KrakenFeed(pairs, feed_settings) as feed:
        recorder = LiveRecorder(
            feed,
            fills,
            publisher,
            pairs,
            batch=Batch(own.feed_batch_seconds, own.feed_batch_trades),
            stop=stop,
            beat=Heartbeat(own.heartbeat_file).beat,
        )
        log.info("started", symbols=symbols, topic=settings.kafka.topic, feed="websocket")
        try:
            recorder.run()
        finally:
            summary.tell_rest()
    log.info("stopped")


def fetch_the_past(settings: Settings, stop: StopRequest, names: str, span: Span) -> bool:
    """Backfills a span of the pairs named; False if the stop was asked for before the end.

    Args:
        settings: All settings.
        stop: Ends it between two transactions.
        names: The pairs, with commas; empty for those of the settings.
        span: From when to when.

    Raises:
        ProducerError, KrakenError, SchemasError: What ended it instead.
    """
    patience = Patience(stop, _FAILURES_PUT_UP_WITH_BY_BACKFILLS)
    with open_kraken(settings.producer, stop) as kraken:
        pairs = _pairs_of_the_past(kraken, settings.producer, names, stop, patience)
        if stop.made():
            return False
        publisher = open_backfill_publisher(settings, span)
        with open_display(Console(stderr=True)) as display:
            return Backfill(
                kraken, publisher, pairs, span=span, patience=patience, stop=stop, display=display
            ).run()


def _pairs_of_the_past(
    kraken: KrakenClient, settings: ProducerSettings, names: str, stop: StopRequest, wait: Patience
) -> list[KrakenPair]:
    """The pairs named, under the same symbols as live polling's where it records them too."""
    if not names:
        return resolve_pairs(kraken, settings, stop, wait)
    live = resolve_pairs(kraken, settings, stop, wait) if settings.symbols else []
    symbols = {pair.rest_name: pair.symbol for pair in live}
    named = settings.model_copy(update={"kraken_pair": names, "symbol": ""})
    return [
        replace(pair, symbol=symbols.get(pair.rest_name, pair.symbol))
        for pair in resolve_pairs(kraken, named, stop, wait)
    ]


def open_kraken(settings: ProducerSettings, stop: StopRequest) -> KrakenClient:
    """A connection to Kraken whose waits a stop can end.

    It tries once: waiting and trying again is the poll loop's, which a stop can end too.
    """
    interval = settings.kraken_call_interval_seconds
    return KrakenClient(
        KrakenClientSettings(
            api_url=settings.kraken_api_url,
            exchange=settings.exchange,
            call_interval=interval,
            attempts=1,
        ),
        pacer=Pacer(interval, sleep=stop.wait),
    )


def resolve_pairs(
    kraken: KrakenClient, settings: ProducerSettings, stop: StopRequest, patience: Patience
) -> list[KrakenPair]:
    """The pairs of the settings, under the symbols to record; none if stopped while waiting.

    Raises:
        KrakenTerminal: Kraken has no such pair.
        KrakenGaveUp: Kraken does not answer, and not all patience is allowed.
        SettingsUnusable: The labels do not fit the pairs.
    """
    while not stop.made():
        try:
            pairs = kraken.asset_pairs(settings.pairs)
        except KrakenTransient as exc:
            patience.failed(exc)
        else:
            patience.succeeded()
            return labelled(pairs, settings.symbols)
    return []


def open_publisher(
    settings: Settings,
    symbols: Sequence[str] = (),
    told: Callable[[Publication], None] = tell,
) -> Publisher:
    """Live polling's publisher, which has taken its transactional id and knows its position.

    Args:
        settings: All settings.
        symbols: What it is to record: cursors of these that were lost are rebuilt.
        told: Told of each publication.

    Raises:
        ProducerError, RegistryError: The registry, the topics or Kafka cannot be used.
    """
    own = settings.producer
    outlet = Outlet(settings)
    publisher = outlet.publisher(
        own.transactional_id_for(settings.kafka.topic), Lane(first_since(own.start_from)), told
    )
    restore_lost_cursors(publisher, symbols, outlet.trades, outlet.decode_trade, utc_now)
    return publisher


def open_backfill_publisher(settings: Settings, span: Span) -> Publisher:
    """A backfill's publisher, which has taken its transactional id and knows its position.

    Live polling's id is left alone, so that both work side by side.

    Raises:
        ProducerError, RegistryError: The registry, the topics or Kafka cannot be used.
    """
    own = settings.producer
    return Outlet(settings).publisher(
        own.backfill_id_for(settings.kafka.topic), span.lane, tell_what_wants_a_look
    )
