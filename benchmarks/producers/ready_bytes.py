"""Bytes that are ready, through librdkafka: what no producer in Python can be quicker than.

The client is set up as the platform's, but for transactions, and with a queue that never fills.
"""

from typing import Final

from confluent_kafka import Producer

from benchmarks.producers.work import EXCHANGE, Producing, Work
from producer.connection import producer_config
from producer.kraken.client import utc_now
from producer.kraken.parse import parse_trades_page
from producer.serializer import RecordSerializer
from producer.trades import Trades
from schemas.catalogue import load_catalogue
from schemas.registry import Registry
from schemas.settings import RegistrySettings

__all__ = ["prepare"]

_TRANSACTIONAL: Final = ("transactional.id", "transaction.timeout.ms")
_TIMEOUT: Final = 60.0


def prepare(work: Work) -> Producing:
    """All of the values, encoded."""
    registry = Registry(RegistrySettings(url=work.registry_url))
    serializer = RecordSerializer(registry, load_catalogue().trade, work.topic)
    ready = [
        (answer.pair.symbol.encode(), value)
        for turn in work.turns
        for answer in turn
        for value in serializer.serialize(
            Trades.of(
                parse_trades_page(
                    answer.body, pair=answer.pair, exchange=EXCHANGE, ingested_at=utc_now()
                ).trades
            ).columns
        )
    ]
    config = {
        **producer_config("", _TIMEOUT),
        "bootstrap.servers": work.bootstrap_servers,
        "queue.buffering.max.messages": len(ready) + 1,
    }
    for name in _TRANSACTIONAL:
        del config[name]
    producer = Producer(config)

    def produce() -> int:
        topic, send = work.topic, producer.produce
        for key, value in ready:
            send(topic, value, key)
        return len(ready) - producer.flush(_TIMEOUT)

    return produce
