"""Reads a range of offsets record by record, in bounded memory, whatever the records hold.

It is the way round Spark's Kafka source, which turns every timestamp into a date, and takes in up
to 10,000 records at once as they are decompressed. One record can end either (docs/adr/0020).
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
from runtime.errors import KafkaUnreachable
from runtime.settings import KafkaSettings
from spark_consumer.kafka.record_bounds import Headers, RecordParts, no_headers, unreadable

__all__ = ["PlacedRecord", "RecordReader"]

_BATCH_BYTES: Final = 128 << 20
"""A batch of Kafka's, decompressed, of which nothing is read if it is larger: librdkafka holds
zstd to `receive.message.max.bytes`. The other codecs reach a thousand times their size at most."""

_FETCH_BYTES: Final = 4096
"""Compressed bytes of a fetch: one batch of Kafka's at least, and more only while they are small.
zstd reaches 32,000 times its size, so these never hold more than one large batch does."""

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
    """A record and its place."""

    partition: int
    offset: int
    parts: RecordParts


class RecordReader:
    """Reads the committed records of one topic.

    Args:
        settings: the broker, and the topic of the trades.
        batch_bytes: of a batch of Kafka's that is read.
    """

    def __init__(self, settings: KafkaSettings, batch_bytes: int = _BATCH_BYTES) -> None:
        self._settings = settings
        self._batch_bytes = batch_bytes

    def read(self, ranges: Mapping[int, OffsetRange]) -> Iterator[PlacedRecord]:
        """Every committed record of the ranges, partition by partition, in order.

        Raises:
            KafkaUnreachable: Nothing was answered for a minute.
        """
        consumer = Consumer(self._config())
        try:
            for partition, span in sorted(ranges.items()):
                if span.start < span.end:
                    yield from self._partition(consumer, partition, span)
        except KafkaException as error:
            raise self._unreachable(error.args[0].str()) from error
        finally:
            consumer.close()

    def _config(self) -> dict[str, str | int | bool]:
        return {
            **self._settings.client_config(),
            "group.id": f"{self._settings.topic}.record-reader",  # asked for; nothing is committed
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
            # By default it rests a second whenever its queue was full.
            "fetch.queue.backoff.ms": 1,
            "fetch.error.backoff.ms": 10,
            "log_level": 2,
        }

    def _partition(
        self, consumer: Consumer, partition: int, span: OffsetRange
    ) -> Iterator[PlacedRecord]:
        topic, at = self._settings.topic, span.start
        consumer.assign([TopicPartition(topic, partition, at)])
        moved = time.monotonic()
        while at < span.end:
            message = self._next(consumer)
            error = message.error()
            if error is None:
                offset = message.offset() or 0
                if offset >= span.end:
                    return
                at, moved = offset + 1, time.monotonic()
                yield PlacedRecord(partition, offset, _parts(message))
            elif error.code() == _END:
                at = max(at, message.offset() or 0)
            elif error.code() == _NOT_DECOMPRESSED:
                # Before it there may be control records, or records that were aborted.
                first = max(at, message.offset() or 0)
                end = self._end_of_batch(consumer, partition, first, span.end)
                why = _NOT_ALL.format(self._batch_bytes)
                for offset in range(first, end):
                    yield PlacedRecord(partition, offset, unreadable(why))
                at = end
                consumer.assign([TopicPartition(topic, partition, at)])
            elif error.code() in _HOPELESS or time.monotonic() - moved > _SILENCE_SECONDS:
                raise self._unreachable(error.str())

    def _end_of_batch(self, consumer: Consumer, partition: int, at: int, end: int) -> int:
        """The offset behind a batch that cannot be read.

        No message tells how many records it has, so it is looked for by halves.
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
        """Whether an offset is in the batch that begins at, or holds, the offset `first`."""
        consumer.assign([TopicPartition(self._settings.topic, partition, offset)])
        message = self._next(consumer)
        error = message.error()
        return (
            error is not None
            and error.code() == _NOT_DECOMPRESSED
            and (message.offset() or 0) <= first
        )

    def _next(self, consumer: Consumer) -> Message:
        """The next message or error that tells something."""
        deadline = time.monotonic() + _SILENCE_SECONDS
        while time.monotonic() < deadline:
            message = consumer.poll(1.0)
            if message is not None:
                return message
        raise self._unreachable(f"no record came for {_SILENCE_SECONDS:.0f} s")

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
    """The headers, or a note in their place where one has a name that is no UTF-8.

    confluent-kafka 2.16 then fails, and must not be asked again: it would give a list that holds
    no name, which ends the process that looks for it.
    """
    try:
        return message.headers()  # type: ignore[return-value]  # a list, of bytes or None
    except (SystemError, UnicodeDecodeError):
        return no_headers("a header's name is no UTF-8")
