"""Read all committed records of a topic up to its end."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Final

import structlog
from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # public, not in its __all__
    AdminClient,
    OffsetSpec,
)

from producer.errors import TopicUnusable
from producer.kafka.client import KafkaConnection, consumer_config
from producer.kafka.client_errors import FORBIDDEN_TO_READ
from runtime.deadline import Deadline
from runtime.errors import KafkaUnreachable

__all__ = ["TopicReader"]

log = structlog.get_logger()

_PAUSE_SECONDS: Final = 0.1
_SILENT_SECONDS: Final = 2.0
_RENEWED_EVERY: Final = 10_000
_EOF: Final = KafkaError._PARTITION_EOF  # noqa: SLF001  the binding names local codes so


class TopicReader:
    """Reads a topic up to the end that it has when the reading begins.

    Args:
        connection: Opens the clients.
        topic: Its name.
        timeout_seconds: How long Kafka may give no answer.
        hidden_seconds: How long a transaction that another producer has left open may hide the
            end; by default `timeout_seconds`.

    Attributes:
        name: The topic's name.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        topic: str,
        timeout_seconds: float,
        hidden_seconds: float | None = None,
    ) -> None:
        self.name = topic
        self._connection = connection
        self._timeout_seconds = timeout_seconds
        self._hidden_seconds = timeout_seconds if hidden_seconds is None else hidden_seconds
        self._warned_of: Deadline | None = None

    def read(self) -> Iterator[Message]:
        """Read all committed records, in order within each partition.

        Raises:
            KafkaUnreachable: The end was not reached in time.
            TopicUnusable: The topic cannot be read.
        """
        try:
            ends = self._offsets(OffsetSpec.latest())  # type: ignore[no-untyped-call]  # it is
            yield from self._read(dict.fromkeys(ends, OFFSET_BEGINNING), ends)
        except KafkaException as error:
            raise self._unreadable(error) from error

    def read_newest(self, offsets: int) -> Iterator[Message]:
        """Read the committed records among so many newest offsets of each partition.

        Raises:
            KafkaUnreachable, TopicUnusable: As for `read`.
        """
        try:
            ends = self._offsets(OffsetSpec.latest())  # type: ignore[no-untyped-call]  # it is
            starts = {number: max(0, end - offsets) for number, end in ends.items()}
            # If retention has deleted a start offset, the consumer starts at the earliest left.
            yield from self._read(starts, ends)
        except KafkaException as error:
            raise self._unreadable(error) from error

    def ends(self) -> dict[int, int]:
        """Return the offset of each partition's next record, committed or not.

        Raises:
            KafkaUnreachable, TopicUnusable: As for `read`.
        """
        try:
            return self._offsets(OffsetSpec.latest())  # type: ignore[no-untyped-call]  # it is
        except KafkaException as error:
            raise self._unreadable(error) from error

    def most_offsets(self) -> int:
        """Return the offsets in the longest partition: what `read_newest` needs to read all.

        Raises:
            KafkaUnreachable, TopicUnusable: As for `read`.
        """
        try:
            firsts = self._offsets(OffsetSpec.earliest())  # type: ignore[no-untyped-call]  # it is
            ends = self._offsets(OffsetSpec.latest())  # type: ignore[no-untyped-call]  # it is
        except KafkaException as error:
            raise self._unreadable(error) from error
        return max(end - firsts.get(number, 0) for number, end in ends.items())

    def _offsets(self, which: OffsetSpec) -> dict[int, int]:
        """Return an offset per partition; retry while a broker is down or not yet the leader."""
        admin, deadline = self._connection.admin(), Deadline(self._timeout_seconds)
        while True:
            try:
                return self._list_offsets(admin, which, deadline)
            except KafkaException as error:
                if error.args[0].code() in FORBIDDEN_TO_READ:
                    raise
                admin.poll(_PAUSE_SECONDS)
                self._connection.check(deadline)

    def _list_offsets(
        self, admin: AdminClient, which: OffsetSpec, deadline: Deadline
    ) -> dict[int, int]:
        """List the offsets, counting every record, whether committed or not."""
        described = admin.list_topics(self.name, timeout=deadline.slice).topics[self.name]
        # A topic that cannot be described must not pass for an empty one, to be recorded again.
        if described.error is not None or not described.partitions:
            raise KafkaException(described.error or KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
        found = admin.list_offsets(
            {TopicPartition(self.name, number): which for number in described.partitions},
            isolation_level=IsolationLevel.READ_UNCOMMITTED,
            request_timeout=max(_PAUSE_SECONDS, deadline.remaining),
        )
        return {where.partition: future.result().offset for where, future in found.items()}

    def _read(self, starts: Mapping[int, int], ends: Mapping[int, int]) -> Iterator[Message]:
        with closing(self._connection.consumer(consumer_config(f"{self.name}.reader"))) as consumer:
            consumer.assign([TopicPartition(self.name, *place) for place in starts.items()])
            yield from self._read_up_to(ends, consumer)

    def _read_up_to(self, ends: Mapping[int, int], consumer: Consumer) -> Iterator[Message]:
        """Read until every partition has been read up to its end."""
        unfinished, held_back = set(ends), set[int]()
        deadline, hidden = Deadline(self._timeout_seconds), Deadline(self._hidden_seconds)
        records = 0
        while unfinished:
            message = consumer.poll((hidden if held_back else deadline).slice)
            error = message.error() if message is not None else None
            if message is not None and error is None:
                partition, offset = message.partition() or 0, message.offset() or 0
                if offset >= ends[partition] - 1:
                    # While others keep writing, the consumer never reports the partition's end.
                    unfinished.discard(partition)
                    held_back.discard(partition)
                if offset < ends[partition]:
                    yield message
                records += 1
                if records % _RENEWED_EVERY == 0:
                    deadline = Deadline(self._timeout_seconds)
                continue
            if error is not None and error.code() in FORBIDDEN_TO_READ:
                raise KafkaException(error)
            if message is not None and error is not None and error.code() == _EOF:
                partition, offset = message.partition() or 0, message.offset() or 0
                # Records after another producer's open transaction are not visible yet.
                if offset < ends[partition]:
                    held_back.add(partition)
                else:
                    unfinished.discard(partition)
                    held_back.discard(partition)
                    deadline = Deadline(self._timeout_seconds)
            self._check(deadline, hidden, held_back)

    def _check(self, deadline: Deadline, hidden: Deadline, held_back: set[int]) -> None:
        if not held_back:
            self._connection.check(deadline)
            return
        if self._warned_of is not hidden and hidden.elapsed > _SILENT_SECONDS:
            self._warned_of = hidden
            log.warning(
                "waiting_for_open_transaction",
                topic=self.name,
                because="another producer left it open; Kafka aborts it after its "
                "transaction.timeout.ms",
            )
        if hidden.passed:
            raise KafkaUnreachable(
                f"the end of {self.name} cannot be read: another producer "
                f"has left a transaction open for {hidden.seconds:g} s; Kafka aborts it after that "
                "producer's transaction.timeout.ms: start again then, or start that producer again"
            )

    def _unreadable(self, error: KafkaException) -> TopicUnusable:
        return TopicUnusable(f"{self.name} cannot be read: {error.args[0].str()}")
