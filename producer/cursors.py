"""Reading the producer's position back from the compacted topic that holds it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Final

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # public, not in its __all__
    AdminClient,
    OffsetSpec,
)

from producer.connection import KafkaConnection, consumer_config
from producer.cursor import Cursor
from producer.deadline import Deadline
from producer.errors import KafkaUnavailable, TopicUnusable

__all__ = ["CursorTopic", "newest_cursors"]

KeyAndValue = tuple[bytes | None, bytes | None]

_PAUSE_SECONDS: Final = 0.1
_EOF: Final = KafkaError._PARTITION_EOF  # noqa: SLF001  the binding names local codes so
# Whatever else goes wrong may pass: a broker away, a topic that not every broker knows yet.
_FORBIDDEN: Final = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
}


def newest_cursors(
    records: Iterable[KeyAndValue], decode: Callable[[bytes], Cursor]
) -> dict[str, Cursor]:
    """The newest cursor of each symbol.

    Args:
        records: Keys and values of the topic, oldest first. A value of None takes the cursor
            back, which is how an operator makes a pair start anew.
        decode: Reads a value.
    """
    newest: dict[bytes, bytes] = {}
    for key, value in records:
        if value is None:
            newest.pop(key or b"", None)
        else:
            newest[key or b""] = value
    cursors = [decode(value) for value in newest.values()]
    return {cursor.symbol: cursor for cursor in cursors}


class CursorTopic:
    """The topic of the cursors, read from its start to its end each time.

    Args:
        connection: Where Kafka is.
        topic: Its name.
        decode: Reads a value.
        timeout_seconds: How long the reading may take.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        topic: str,
        decode: Callable[[bytes], Cursor],
        timeout_seconds: float,
    ) -> None:
        self._connection = connection
        self._topic = topic
        self._decode = decode
        self._timeout_seconds = timeout_seconds

    def read(self) -> dict[str, Cursor]:
        """The newest committed cursor of each symbol.

        To be called after the transactional id has been opened: only then no transaction of ours
        is open any more, whose cursor would be missed.

        Raises:
            CursorUnusable: A cursor cannot be decoded.
            KafkaUnavailable: The end was not reached in time.
            TopicUnusable: The topic cannot be read.
        """
        deadline = Deadline(self._timeout_seconds)
        try:
            ends = self._ends(self._connection.admin(), deadline)
            group = f"{self._topic}.reader"
            with closing(self._connection.consumer(consumer_config(group))) as consumer:
                consumer.assign([TopicPartition(self._topic, p, OFFSET_BEGINNING) for p in ends])
                records = list(self._read(consumer, ends, deadline))
        except KafkaException as exc:
            raise TopicUnusable(
                f"the cursors in {self._topic} cannot be read: {exc.args[0].str()}"
            ) from exc
        return newest_cursors(records, self._decode)

    def _ends(self, admin: AdminClient, deadline: Deadline) -> dict[int, int]:
        """Where each partition ends; asks again while a broker is away or not yet the leader."""
        while True:
            try:
                return self._ends_told(admin, deadline)
            except KafkaException as exc:
                if exc.args[0].code() in _FORBIDDEN:
                    raise
                admin.poll(_PAUSE_SECONDS)
                self._connection.check(deadline)

    def _ends_told(self, admin: AdminClient, deadline: Deadline) -> dict[int, int]:
        """The offset after the last record of each partition, whether committed or not."""
        described = admin.list_topics(self._topic, timeout=deadline.slice).topics[self._topic]
        # Taken for an empty topic, one that could not be described would be recorded anew.
        if described.error is not None or not described.partitions:
            raise KafkaException(described.error or KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
        latest: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # it is
        found = admin.list_offsets(
            {TopicPartition(self._topic, number): latest for number in described.partitions},
            isolation_level=IsolationLevel.READ_UNCOMMITTED,
            request_timeout=max(_PAUSE_SECONDS, deadline.remaining),
        )
        return {where.partition: future.result().offset for where, future in found.items()}

    def _read(
        self, consumer: Consumer, ends: dict[int, int], deadline: Deadline
    ) -> Iterator[KeyAndValue]:
        """Reads until every partition has been read up to its end."""
        unfinished = set(ends)
        held_back = False
        while unfinished:
            message = consumer.poll(deadline.slice)
            error = message.error() if message is not None else None
            if message is not None and error is None:
                yield message.key(), message.value()
                continue
            if error is not None and error.code() in _FORBIDDEN:
                raise KafkaException(error)
            if message is not None and error is not None and error.code() == _EOF:
                partition, offset = message.partition() or 0, message.offset() or 0
                # What is committed behind another producer's open transaction is not shown yet.
                held_back = offset < ends[partition]
                if not held_back:
                    unfinished.discard(partition)
            self._check(deadline, held_back=held_back)

    def _check(self, deadline: Deadline, *, held_back: bool) -> None:
        if not held_back:
            self._connection.check(deadline)
        elif deadline.passed:
            raise KafkaUnavailable(
                f"the end of {self._topic} is hidden behind a transaction that another producer "
                f"has left open for {deadline.seconds:g} s; Kafka ends it after that producer's "
                "transaction.timeout.ms: start again then, or start that producer again"
            )
