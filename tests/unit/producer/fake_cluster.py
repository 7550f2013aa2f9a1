"""A topic on a cluster in memory, as a consumer sees it that reads to the end."""

import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import SimpleNamespace

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec

from producer.kafka.topic_reader import TopicReader
from runtime.deadline import Deadline
from runtime.errors import KafkaUnreachable

TOPIC = "t.cursors"


@dataclass
class FakeMessage:
    """A message, or an event about a partition."""

    offset_: int = 0
    key_: bytes | None = None
    value_: bytes | None = None
    error_: KafkaError | None = None
    partition_: int = 0
    headers_: list[tuple[str, bytes]] | None = None
    timestamp_: int = 0

    def error(self) -> KafkaError | None:
        """The error of the event; None for a message."""
        return self.error_

    def partition(self) -> int:
        """Where."""
        return self.partition_

    def offset(self) -> int:
        """Where there."""
        return self.offset_

    def key(self) -> bytes | None:
        """The key."""
        return self.key_

    def value(self) -> bytes | None:
        """The value."""
        return self.value_

    def headers(self) -> list[tuple[str, bytes]] | None:
        """The headers."""
        return self.headers_

    def timestamp(self) -> tuple[int, int]:
        """Kind and milliseconds."""
        return 1, self.timestamp_

    def topic(self) -> str:
        """Of which topic."""
        return TOPIC


@dataclass
class FakeCluster:
    """A connection, its admin client and its consumer in one."""

    ends: dict[int, int]
    messages: list[FakeMessage | None]
    troubles: list[KafkaError] = field(default_factory=list)
    firsts: dict[int, int] = field(default_factory=dict)
    assigned: list[tuple[int, int]] = field(default_factory=list)
    closed: bool = False

    def admin(self) -> "FakeCluster":
        """Itself."""
        return self

    def consumer(self, config: dict[str, object]) -> "FakeCluster":
        """Itself."""
        assert config["isolation.level"] == "read_committed"
        return self

    def check(self, deadline: Deadline) -> None:
        """As a connection does."""
        if deadline.passed:
            raise KafkaUnreachable("no answer")

    def list_topics(self, topic: str, timeout: float) -> SimpleNamespace:
        """The topic, or an error about it."""
        assert timeout > 0
        error = self.troubles.pop(0) if self.troubles else None
        if error is not None and error.code() == KafkaError._TRANSPORT:
            raise KafkaException(error)
        described = SimpleNamespace(error=error, partitions={} if error else dict(self.ends))
        return SimpleNamespace(topics={topic: described})

    def list_offsets(self, wanted: dict, **_: object) -> dict:
        """The ends, or the first offsets."""
        found = {}
        for where, which in wanted.items():
            offsets = self.ends if which._value == OffsetSpec.latest()._value else self.firsts
            future: Future[SimpleNamespace] = Future()
            future.set_result(SimpleNamespace(offset=offsets[where.partition]))
            found[where] = future
        return found

    def assign(self, partitions: list[TopicPartition]) -> None:
        """Remember where the reading began."""
        self.assigned = [(one.partition, one.offset) for one in partitions]

    def poll(self, timeout: float) -> FakeMessage | None:
        """Return the next message; None, after a short wait, if there is none."""
        message = self.messages.pop(0) if self.messages else None
        if message is None:
            time.sleep(min(timeout, 0.02))
        return message

    def close(self) -> None:
        """Close the consumer."""
        self.closed = True

    def topic(self, seconds: float = 5.0, hidden: float | None = None) -> TopicReader:
        """The topic, to be read."""
        return TopicReader(self, TOPIC, seconds, hidden)


def eof(offset: int, partition: int = 0) -> FakeMessage:
    """The event that a partition has been read up to this offset."""
    error = KafkaError(KafkaError._PARTITION_EOF)
    return FakeMessage(offset, error_=error, partition_=partition)
