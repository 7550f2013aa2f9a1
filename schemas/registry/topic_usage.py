"""Counts the writer schemas of the newest records of a topic."""

import time
from collections import Counter
from contextlib import closing
from uuid import UUID

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from runtime.client_opening import opening_client
from runtime.errors import KafkaUnreachable
from runtime.settings import KafkaSettings
from schemas.avro.wire import unframe
from schemas.errors import FramingError

__all__ = ["UNFRAMED", "Usage", "named_schema", "read_usage"]

UNFRAMED = "no schema id"
_ANSWER_WITHIN = 30.0

Headers = dict[str, str | bytes | None] | list[tuple[str, str | bytes | None]] | None
"""The headers as Confluent's client returns them."""

Usage = Counter[int | str]
"""Records by the id that they name, by `guid …`, or by UNFRAMED."""


def named_schema(value: bytes, headers: Headers = None) -> int | str:
    """Return the schema that a record names: an id, `guid …`, or UNFRAMED."""
    in_order = headers.items() if isinstance(headers, dict) else headers
    try:
        name, _ = unframe(value, in_order)
    except FramingError:
        return UNFRAMED
    return f"guid {name}" if isinstance(name, UUID) else name


def read_usage(settings: KafkaSettings, topic: str, last: int) -> Usage:
    """Count the newest committed records of a topic by the schema that each names.

    Records that are written meanwhile are left out.

    Args:
        settings: The Kafka cluster.
        topic: The topic's name; one that does not exist has no records.
        last: How many offsets to read before the end of each partition.

    Raises:
        ClientRefused: No client can be made of the settings.
        KafkaUnreachable: Kafka did not answer within 30 seconds.
    """
    config = {
        **settings.client_config(),
        # The client requires a group; nothing is ever committed to it.
        "group.id": f"{topic}.diff",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        "log_level": 2,
    }
    with opening_client():
        opened = Consumer(config)
    try:
        with closing(opened) as consumer:
            return _read(consumer, topic, last)
    except KafkaException as error:
        raise KafkaUnreachable(
            f"no answer from Kafka at {settings.bootstrap_servers}: {error.args[0].str()}. Is it "
            "running, and is KAFKA_BOOTSTRAP_SERVERS right?"
        ) from error


def _read(consumer: Consumer, topic: str, last: int) -> Usage:
    starts, ends = _bounds(consumer, topic, last)
    usage: Usage = Counter()
    if not starts:
        return usage
    consumer.assign(starts)
    deadline = time.monotonic() + _ANSWER_WITHIN
    while ends:
        message = consumer.poll(1.0)
        if message is None:
            if time.monotonic() > deadline:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))  # noqa: SLF001 so named
            continue
        error, partition = message.error(), message.partition() or 0
        if error is None:
            deadline = time.monotonic() + _ANSWER_WITHIN
            # A partition that is written faster than it is read has no end.
            if (message.offset() or 0) < ends.get(partition, 0):
                _count(message, usage)
            else:
                ends.pop(partition, None)
        elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  so named there
            ends.pop(partition, None)
        else:
            raise KafkaException(error)
    return usage


def _bounds(
    consumer: Consumer, topic: str, last: int
) -> tuple[list[TopicPartition], dict[int, int]]:
    """Return where to begin, and the offset after the newest record, per partition."""
    described = consumer.list_topics(topic, timeout=_ANSWER_WITHIN).topics[topic]
    starts, ends = [], {}
    for partition in described.partitions:
        low, high = consumer.get_watermark_offsets(
            TopicPartition(topic, partition), timeout=_ANSWER_WITHIN
        )
        starts.append(TopicPartition(topic, partition, max(low, high - last)))
        ends[partition] = high
    return starts, ends


def _count(message: Message, usage: Usage) -> None:
    value = message.value()
    if value is not None:  # a tombstone names no schema
        usage[named_schema(value, message.headers())] += 1
