"""Encoded records through librdkafka: the limit that a producer's own work is compared with.

The client is set up like the platform's, without transactions and with a queue that never fills.
"""

from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from benchmarks.producers.work import EXCHANGE, Producing, Work
from producer.kafka.client import producer_config
from producer.kafka.serializer import RecordSerializer
from producer.kraken.rest.parse import parse_trades_page
from producer.model.trade_batch import TradeBatch
from runtime.clock import utc_now
from runtime.settings import RegistrySettings
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry

__all__ = ["prepare", "prepare_unreported"]

_NOT_OURS: Final = ("transactional.id", "transaction.timeout.ms", "delivery.report.only.error")
_TIMEOUT: Final = 60.0


def prepare(work: Work) -> Producing:
    """Return a producer that reports each acknowledgement, as in the documentation."""
    ready, producer = _ready(work), _client(work)
    delivered: list[int] = []

    def report(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            raise KafkaException(error)
        delivered.append(message.offset() or 0)

    def produce() -> int:
        for key, value in ready:
            producer.produce(work.topic, value, key, on_delivery=report)
            producer.poll(0)
        producer.flush(_TIMEOUT)
        return len(delivered)

    return produce


def prepare_unreported(work: Work) -> Producing:
    """Return a producer that only counts, at the end, the records that were not acknowledged."""
    ready, producer = _ready(work), _client(work)

    def produce() -> int:
        topic, send = work.topic, producer.produce
        for key, value in ready:
            send(topic, value, key)
        return len(ready) - producer.flush(_TIMEOUT)

    return produce


def _ready(work: Work) -> list[tuple[bytes, bytes]]:
    """Keys and values, all of them encoded."""
    registry = Registry(RegistrySettings(url=work.registry_url))
    serializer = RecordSerializer(registry, load_catalogue().trade, work.topic)
    pages = (
        (
            answer.pair.symbol.encode(),
            parse_trades_page(
                answer.body, pair=answer.pair, exchange=EXCHANGE, ingested_at=utc_now()
            ),
        )
        for turn in work.turns
        for answer in turn
    )
    return [
        (key, value)
        for key, page in pages
        for value in serializer.serialize(TradeBatch.of(page.trades).columns)
    ]


def _client(work: Work) -> Producer:
    """Return the platform's client without transactions."""
    records = sum(answer.trades for turn in work.turns for answer in turn)
    config = {
        **producer_config("", _TIMEOUT),
        "bootstrap.servers": work.bootstrap_servers,
        "queue.buffering.max.messages": records + 1,
    }
    for name in _NOT_OURS:
        del config[name]
    producer = Producer(config)
    producer.list_topics(work.topic, _TIMEOUT)  # connected, as ours is before its clock starts
    return producer
