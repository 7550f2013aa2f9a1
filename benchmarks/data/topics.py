"""Topics of synthetic trades: filled once, kept in the bench's own broker, read by all candidates.

As the producer writes them: keyed by symbol, zstd, in committed transactions, each pair in one
partition. The transactions are larger than the producer's, so that filling takes seconds.
"""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stub lacks NewTopic
    AdminClient,
    NewTopic,
)

from benchmarks.data.avro_rows import framed
from benchmarks.data.pairs import MARKET, Pair
from benchmarks.data.synthetic import Market, Trades
from schemas.catalogue import Contract, load_catalogue
from schemas.registry.client import Registry
from schemas.registry.plan import plan_registration
from schemas.registry.registration import apply_plan

__all__ = ["Filling", "Schemas", "committed_records", "fill", "register"]

Schemas = Mapping[int, Mapping[str, Any]]
"""Parsed record schemas by their ids in the registry, oldest first."""

_CHUNK: Final = 120_000
_TRANSACTION: Final = 20_000
_TIMEOUT: Final = 60.0
_NEXT_FIELD: Final = {
    "name": "frame_sequence",
    "type": "long",
    "default": 0,
    "doc": "Synthetic, for a version that is not released: the number of the frame.",
}


@dataclass(frozen=True)
class Filling:
    """What is in a topic.

    Attributes:
        records: Number of records.
        partitions: Number of partitions, to which the pairs are assigned in turn.
        mixed: Whether three schema versions alternate from record to record. Otherwise all records
            have the newest released version.
        seconds: The event time that the trades span.
        pairs: The pairs that trade.
        seed: The market's seed.
    """

    records: int
    partitions: int = 1
    mixed: bool = False
    seconds: float = 86_400.0
    pairs: Sequence[Pair] = MARKET
    seed: int = 1

    @property
    def topic(self) -> str:
        """A name that changes whenever the content does."""
        here = Path(__file__)
        sources = (here.with_name(name).read_bytes() for name in ("avro_rows.py", "synthetic.py"))
        made_of = [repr(self).encode(), *sources, _newest_text().encode()]
        kind = "mixed" if self.mixed else "one-schema"
        return f"bench-{self.records}-{kind}-{zlib.crc32(b''.join(made_of)):08x}"


def register(registry: Registry, topic: str, *, mixed: bool) -> Schemas:
    """Register the released schemas, for `mixed` one more; return those that records use.

    Raises:
        RegistryError: The registry does not take them.
    """
    catalogue = load_catalogue()
    apply_plan(plan_registration(catalogue, topic, registry), registry)
    subject = catalogue.trade.subject(topic)
    if mixed:
        registry.register(subject, _next_version(catalogue.trade))
    held_by_registry = registry.versions(subject)
    written = held_by_registry if mixed else held_by_registry[-1:]
    return {version.schema_id: json.loads(version.text) for version in written}


def fill(servers: str, registry: Registry, filling: Filling) -> str:
    """Create and fill the topic unless it is complete, and return its name.

    Raises:
        RegistryError: The registry does not take the schemas.
        KafkaException: The broker does not take the records.
    """
    topic = filling.topic
    schemas = register(registry, topic, mixed=filling.mixed)
    marker = f"{topic}.full"
    admin = AdminClient({"bootstrap.servers": servers})
    there = admin.list_topics(timeout=_TIMEOUT).topics
    if marker in there:
        return topic
    if topic in there:
        admin.delete_topics([topic], operation_timeout=_TIMEOUT)[topic].result()
    admin.create_topics([NewTopic(topic, filling.partitions, 1)])[topic].result()
    _write(servers, topic, filling, schemas)
    # An empty topic whose name marks the other topic as complete.
    admin.create_topics([NewTopic(marker, 1, 1)])[marker].result()
    return topic


def committed_records(servers: str, topic: str) -> int:
    """Count the records of a topic that readers of committed ones see.

    Raises:
        KafkaException: The broker gave no answer.
    """
    config = {
        "bootstrap.servers": servers,
        "group.id": "bench-count",
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
    }
    consumer = Consumer(config)
    try:
        partitions = consumer.list_topics(topic, _TIMEOUT).topics[topic].partitions
        consumer.assign([TopicPartition(topic, at, OFFSET_BEGINNING) for at in partitions])
        count, ended = 0, set[int]()
        while len(ended) < len(partitions):
            for message in consumer.consume(10_000, timeout=0.2):
                error = message.error()
                if error is None:
                    count += 1
                elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  so named there
                    ended.add(message.partition() or 0)
                else:
                    raise KafkaException(error)
        return count
    finally:
        consumer.close()


def _next_version(contract: Contract) -> str:
    newest = contract.newest.parsed
    return json.dumps({**newest, "fields": [*newest["fields"], _NEXT_FIELD]})


def _newest_text() -> str:
    return load_catalogue().trade.newest.text


def _write(servers: str, topic: str, filling: Filling, schemas: Schemas) -> None:
    producer = Producer(
        {
            "bootstrap.servers": servers,
            "transactional.id": f"{topic}.fill",
            "compression.type": "zstd",
            "linger.ms": 20,
            "queue.buffering.max.messages": 2 * _TRANSACTION,
        }
    )
    producer.init_transactions(_TIMEOUT)
    for messages in _transactions(filling, schemas):
        producer.begin_transaction()
        if producer.produce_batch(topic, messages) != len(messages):
            refused = next(one["_error"] for one in messages if "_error" in one)
            raise KafkaException(refused)
        producer.commit_transaction(_TIMEOUT)


def _transactions(filling: Filling, schemas: Schemas) -> Iterator[list[dict[str, Any]]]:
    market = Market(filling.pairs, filling.seed)
    keys = [pair.symbol.encode() for pair in filling.pairs]
    for first in range(0, filling.records, _CHUNK):
        count = min(_CHUNK, filling.records - first)
        trades = market.trade(count, filling.seconds * count / filling.records)
        values = _alternating(trades, filling.pairs, schemas)
        messages = [
            {"key": keys[pair], "value": value, "partition": pair % filling.partitions}
            for pair, value in zip(trades.pair.tolist(), values, strict=True)
        ]
        for at in range(0, count, _TRANSACTION):
            yield messages[at : at + _TRANSACTION]


def _alternating(trades: Trades, pairs: Sequence[Pair], schemas: Schemas) -> list[bytes]:
    """Each record by the next schema in turn."""
    symbols = [pair.symbol for pair in pairs]
    values: list[bytes] = [b""] * len(trades)
    turns = len(schemas)
    for turn, (schema_id, schema) in enumerate(schemas.items()):
        rows = slice(turn, None, turns)
        values[rows] = framed(trades.taken(rows), symbols, schema, schema_id).values()
    return values
