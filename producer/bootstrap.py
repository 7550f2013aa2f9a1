"""The only place where the real Kraken, Kafka and registry meet."""

from collections.abc import Iterable
from typing import Final

import stamina
import structlog

from producer.connection import KafkaConnection, producer_config
from producer.cursor import CursorDecoder
from producer.cursors import CursorTopic
from producer.heartbeat import Heartbeat
from producer.kraken.client import KrakenClient
from producer.kraken.errors import KrakenTransient
from producer.kraken.pacing import Pacer
from producer.kraken.pairs import KrakenPair
from producer.kraken.settings import KrakenClientSettings
from producer.patience import Patience
from producer.polling import Pace, Poller
from producer.publisher import Publisher
from producer.records import RecordWriter
from producer.serializer import RecordSerializer
from producer.settings import ProducerSettings, Settings
from producer.starting_point import first_since
from producer.stopping import StopRequest
from producer.symbols import labelled
from producer.topic_plans import plan_topics
from producer.topics import ensure_topics
from producer.transactions import Transactions
from schemas.catalogue import load_catalogue
from schemas.errors import TransientRegistryError
from schemas.registry import Registry

__all__ = ["open_kraken", "open_publisher", "record_trades", "resolve_pairs"]

log = structlog.get_logger()

# About a minute of waiting; longer is no hiccup any more.
_FAILURES_PUT_UP_WITH: Final = 8
_REGISTRY_SECONDS: Final = 60.0


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
        publisher = open_publisher(settings)
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


def open_publisher(settings: Settings) -> Publisher:
    """A publisher that has taken its transactional id and knows its position.

    Raises:
        ProducerError, RegistryError: The registry, the topics or Kafka cannot be used.
    """
    kafka, own, topics = settings.kafka, settings.producer, settings.kafka.topics
    connection = KafkaConnection(kafka.client_config())
    registry, catalogue = Registry(settings.registry), load_catalogue()
    trades = RecordSerializer(registry, catalogue.trade, topics.trades)
    cursors = RecordSerializer(registry, catalogue.cursor, topics.cursors)
    _check_registered([trades, cursors])
    timeout = own.kafka_timeout_seconds
    ensure_topics(connection, plan_topics(topics, own), timeout)
    transactional_id = own.transactional_id_for(topics.trades)
    publisher = Publisher(
        Transactions(
            lambda: connection.producer(producer_config(transactional_id, timeout)),
            connection.check,
            transactional_id=transactional_id,
            timeout_seconds=timeout,
        ),
        RecordWriter(trades, cursors, topics.dead_letter),
        CursorTopic(
            connection,
            topics.cursors,
            CursorDecoder(registry, catalogue.cursor).decode,
            timeout,
        ).read,
        exchange=own.exchange,
        first_since=first_since(own.start_from),
    )
    publisher.open()
    return publisher


@stamina.retry(on=TransientRegistryError, attempts=None, timeout=_REGISTRY_SECONDS)
def _check_registered(serializers: Iterable[RecordSerializer]) -> None:
    for serializer in serializers:
        serializer.check_registered()
