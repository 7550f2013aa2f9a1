"""Reads a range of offsets record by record, in limited memory, whatever the records hold.

It replaces Spark's Kafka source when that fails. Spark converts every timestamp to a date, and
holds up to 10,000 decompressed records at once; one bad record can break either (docs/adr/0020).
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from confluent_kafka import (
    TIMESTAMP_NOT_AVAILABLE,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from lake.log.commit import OffsetRange
from runtime.client_opening import opening_client
from runtime.errors import KafkaUnreachable
from runtime.settings import KafkaSettings
from spark_consumer.kafka.record_bounds import Headers, RecordParts, no_headers, unreadable

__all__ = ["PlacedRecord", "RecordReader"]

_BATCH_BYTES: Final = 128 << 20
"""The largest Kafka batch, decompressed, that is read: librdkafka limits zstd to
`receive.message.max.bytes`. The other codecs reach a thousand times their size at most."""

_FETCH_BYTES: Final = 4096
"""Compressed bytes of a fetch: at least one Kafka batch, and more only while batches are small.
zstd reaches 32,000 times its size, so a fetch never holds more than one large batch does."""

_END: Final = KafkaError._PARTITION_EOF  # noqa: SLF001 - their names in this library
_NOT_DECOMPRESSED: Final = KafkaError._BAD_COMPRESSION  # noqa: SLF001
_HOPELESS: Final = frozenset(
    {
        KafkaError._AUTO_OFFSET_RESET,  # noqa: SLF001
        KafkaError._AUTHENTICATION,  # noqa: SLF001
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
    }
)
_SILENCE_SECONDS: Final = 60.0
_NOT_ALL: Final = "decompressed it is larger than {} bytes with its batch of Kafka's"


@dataclass(frozen=True, slots=True)
class PlacedRecord:
    """A record with its partition and offset."""

    partition: int
    offset: int
    parts: RecordParts


class RecordReader:
    """Reads the committed records of one topic.

    Args:
        settings: the broker, and the topic of the trades.
        batch_bytes: the largest Kafka batch, decompressed, that is read.
    """

    def __init__(self, settings: KafkaSettings, batch_bytes: int = _BATCH_BYTES) -> None:
        self._settings = settings
        self._batch_bytes = batch_bytes

    def read(self, ranges: Mapping[int, OffsetRange]) -> Iterator[PlacedRecord]:
        """Yield every committed record of the ranges, partition by partition, in order.

        Raises:
            ClientRefused: No client can be made of the settings.
            KafkaUnreachable: Kafka did not answer for a minute.
        """
        with opening_client():
            consumer = Consumer(self._config())
        try:
            for partition, offsets in sorted(ranges.items()):
                if offsets.start < offsets.end:
                    yield from self._partition(consumer, partition, offsets)
        except KafkaException as error:
            raise self._unreachable(error.args[0].str()) from error
        finally:
            consumer.close()

    def _config(self) -> dict[str, str | int | bool]:
        return {
            **self._settings.client_config(),
            # The client requires a group; nothing is committed to it.
            "group.id": f"{self._settings.topic}.record-reader",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "fetch.message.max.bytes": _FETCH_BYTES,
            "fetch.max.bytes": self._batch_bytes,
            "message.max.bytes": self._batch_bytes,
            "receive.message.max.bytes": self._batch_bytes + 512,
            "queued.min.messages": 1,
            "queued.max.messages.kbytes": 1,
            "fetch.wait.max.ms": 10,
            # By default it pauses for a second whenever its queue was full.
            "fetch.queue.backoff.ms": 1,
            "fetch.error.backoff.ms": 10,
            "log_level": 2,
        }

    def _partition(
        self, consumer: Consumer, partition: int, offsets: OffsetRange
    ) -> Iterator[PlacedRecord]:
        topic, at = self._settings.topic, offsets.start
        consumer.assign([TopicPartition(topic, partition, at)])
        moved = time.monotonic()
        while at < offsets.end:
            message = self._next(consumer)
            error = message.error()
            if error is None:
                offset = message.offset() or 0
                if offset >= offsets.end:
                    return
                at, moved = offset + 1, time.monotonic()
                yield PlacedRecord(partition, offset, _parts(message))
            elif error.code() == _END:
                at = max(at, message.offset() or 0)
            elif error.code() == _NOT_DECOMPRESSED:
                # Before the batch there may be control records or aborted records.
                first = max(at, message.offset() or 0)
                end = self._end_of_batch(consumer, partition, first, offsets.end)
                why = _NOT_ALL.format(self._batch_bytes)
                for offset in range(first, end):
                    yield PlacedRecord(partition, offset, unreadable(why))
                at = end
                consumer.assign([TopicPartition(topic, partition, at)])
            elif error.code() in _HOPELESS or time.monotonic() - moved > _SILENCE_SECONDS:
                raise self._unreachable(error.str())

    def _end_of_batch(self, consumer: Consumer, partition: int, at: int, end: int) -> int:
        """Find the offset after a batch that cannot be read.

        No message says how many records the batch has, so this is a binary search.
        """
        inside, outside = at, end
        while outside - inside > 1:
            middle = (inside + outside) // 2
            if self._is_unreadable(consumer, partition, middle, at):
                inside = middle
            else:
                outside = middle
        return outside

    def _is_unreadable(self, consumer: Consumer, partition: int, offset: int, first: int) -> bool:
        """Return whether an offset is in the unreadable batch that holds the offset `first`."""
        consumer.assign([TopicPartition(self._settings.topic, partition, offset)])
        message = self._next(consumer)
        error = message.error()
        return (
            error is not None
            and error.code() == _NOT_DECOMPRESSED
            and (message.offset() or 0) <= first
        )

    def _next(self, consumer: Consumer) -> Message:
        """Return the next message or error."""
        deadline = time.monotonic() + _SILENCE_SECONDS
        while time.monotonic() < deadline:
            message = consumer.poll(1.0)
            if message is not None:
                return message
        raise self._unreachable(f"no record arrived for {_SILENCE_SECONDS:.0f} s")

    def _unreachable(self, why: str) -> KafkaUnreachable:
        return KafkaUnreachable(
            f"records of {self._settings.topic} cannot be read from "
            f"{self._settings.bootstrap_servers}: {why}. Nothing was lost. Is Kafka running?"
        )


def _parts(message: Message) -> RecordParts:
    kind, timestamp_ms = message.timestamp()
    key, value = message.key(), message.value()
    return RecordParts(
        key=key if key is None else bytes(key),
        value=value if value is None else bytes(value),
        timestamp_ms=-1 if kind == TIMESTAMP_NOT_AVAILABLE else timestamp_ms,
        headers=_headers(message),
    )


def _headers(message: Message) -> Headers | None:
    """Return the headers, or a placeholder if a header's name is not UTF-8.

    confluent-kafka 2.16 fails then, and must not be called again: it would return a list with a
    missing name, and using that crashes the process.
    """
    try:
        return message.headers()  # type: ignore[return-value]  # a list, of bytes or None
    except (SystemError, UnicodeDecodeError):
        return no_headers("a header's name is no UTF-8")
