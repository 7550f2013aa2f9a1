from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from confluent_kafka import OFFSET_BEGINNING, KafkaError, KafkaException, TopicPartition

from producer.cursor import Cursor
from producer.cursors import CursorTopic, newest_cursors
from producer.deadline import Deadline
from producer.errors import KafkaUnavailable, TopicUnusable


def decode(value: bytes) -> Cursor:
    """Reads `symbol:last_trade_id`."""
    symbol, last = value.decode().split(":")
    return Cursor(
        exchange="KRAKEN",
        symbol=symbol,
        last_trade_id=int(last),
        since=last,
        updated_at=datetime.now(UTC),
    )


def last_ids(*records: tuple[bytes | None, bytes | None]) -> dict[str, int]:
    """The last trade_id by symbol."""
    found = newest_cursors(records, decode)
    return {symbol: cursor.last_trade_id for symbol, cursor in found.items()}


def test_the_newest_cursor_of_each_symbol_counts() -> None:
    """Kafka may not have compacted yet."""
    assert last_ids((b"A", b"A:1"), (b"B", b"B:7"), (b"A", b"A:2")) == {"A": 2, "B": 7}


def test_a_tombstone_takes_a_cursor_back() -> None:
    """So an operator makes a pair start anew."""
    assert last_ids((b"A", b"A:1"), (b"A", None), (b"B", b"B:7")) == {"B": 7}
    assert last_ids((b"A", b"A:1"), (b"A", None), (b"A", b"A:3")) == {"A": 3}


def test_an_empty_topic_has_no_cursors() -> None:
    """That is what the first start finds."""
    assert last_ids() == {}


def test_only_the_newest_is_decoded() -> None:
    """An old cursor that nobody can read any more does no harm."""
    assert last_ids((b"A", b"rubbish"), (b"A", b"A:2")) == {"A": 2}


TOPIC = "t.cursors"


@dataclass
class FakeMessage:
    """A message, or an event about a partition."""

    offset_: int = 0
    key_: bytes | None = None
    value_: bytes | None = None
    error_: KafkaError | None = None
    partition_: int = 0

    def error(self) -> KafkaError | None:
        """What it is an event of."""
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


@dataclass
class FakeCluster:
    """A connection, its admin client and its consumer in one."""

    ends: dict[int, int]
    messages: list[FakeMessage | None]
    troubles: list[KafkaError] = field(default_factory=list)
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
            raise KafkaUnavailable("no answer")

    def list_topics(self, topic: str, timeout: float) -> SimpleNamespace:
        """The topic, or a trouble with it."""
        assert timeout > 0
        error = self.troubles.pop(0) if self.troubles else None
        if error is not None and error.code() == KafkaError._TRANSPORT:
            raise KafkaException(error)
        described = SimpleNamespace(error=error, partitions={} if error else dict(self.ends))
        return SimpleNamespace(topics={topic: described})

    def list_offsets(self, wanted: dict, **_: object) -> dict:
        """The ends."""
        found = {}
        for where in wanted:
            future: Future[SimpleNamespace] = Future()
            future.set_result(SimpleNamespace(offset=self.ends[where.partition]))
            found[where] = future
        return found

    def assign(self, partitions: list[TopicPartition]) -> None:
        """Remembers where the reading began."""
        self.assigned = [(one.partition, one.offset) for one in partitions]

    def poll(self, timeout: float) -> FakeMessage | None:  # noqa: ARG002  as the real one
        """The next message; none when there are no more."""
        return self.messages.pop(0) if self.messages else None

    def close(self) -> None:
        """The consumer is given back."""
        self.closed = True

    def read(self, seconds: float = 5.0) -> dict[str, int]:
        """The last trade_id by symbol."""
        found = CursorTopic(self, TOPIC, decode, seconds).read()
        return {symbol: cursor.last_trade_id for symbol, cursor in found.items()}


def eof(offset: int, partition: int = 0) -> FakeMessage:
    """The event that a partition has been read up to this offset."""
    error = KafkaError(KafkaError._PARTITION_EOF)
    return FakeMessage(offset, error_=error, partition_=partition)


def cursor_at(offset: int, text: str) -> FakeMessage:
    """A cursor's message."""
    symbol = text.split(":", maxsplit=1)[0]
    return FakeMessage(offset, symbol.encode(), text.encode())


def test_the_topic_is_read_from_start_to_end() -> None:
    """Commit markers take offsets too, so only the end of the partition tells that it is read."""
    cluster = FakeCluster({0: 4}, [None, cursor_at(0, "A:1"), cursor_at(2, "A:2"), eof(4)])
    assert cluster.read() == {"A": 2}
    assert cluster.assigned == [(0, OFFSET_BEGINNING)]
    assert cluster.closed


def test_every_partition_is_read() -> None:
    """Should somebody have made the topic with several."""
    cluster = FakeCluster(
        {0: 2, 1: 2}, [cursor_at(0, "A:1"), eof(2), cursor_at(0, "B:3"), eof(2, partition=1)]
    )
    assert cluster.read() == {"A": 1, "B": 3}


def test_an_end_before_the_end_is_read_past() -> None:
    """What another producer's open transaction hides is waited for."""
    cluster = FakeCluster({0: 6}, [cursor_at(0, "A:1"), eof(2), None, cursor_at(4, "A:2"), eof(6)])
    assert cluster.read() == {"A": 2}


def test_an_end_that_stays_hidden_is_an_error() -> None:
    """An old cursor must not be taken for the newest."""
    cluster = FakeCluster({0: 6}, [cursor_at(0, "A:1"), eof(2)])
    with pytest.raises(KafkaUnavailable, match="hidden behind a transaction"):
        cluster.read(seconds=0.1)


def test_a_broker_that_goes_away_is_an_error() -> None:
    """When the time is up."""
    with pytest.raises(KafkaUnavailable, match="no answer"):
        FakeCluster({0: 6}, [cursor_at(0, "A:1")]).read(seconds=0.1)


def test_passing_troubles_are_waited_out() -> None:
    """A topic without a leader yet is not an empty topic, whose pairs would start anew."""
    cluster = FakeCluster(
        {0: 2},
        [cursor_at(0, "A:1"), eof(2)],
        troubles=[
            KafkaError(KafkaError._TRANSPORT),
            KafkaError(KafkaError.LEADER_NOT_AVAILABLE),
            KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART),
        ],
    )
    # The admin client pauses by polling, which here takes from the same messages.
    cluster.messages[:0] = [None, None, None]
    assert cluster.read() == {"A": 1}


@pytest.mark.parametrize("while_reading", [False, True])
def test_a_topic_that_may_not_be_read_is_an_error(*, while_reading: bool) -> None:
    """The producer would otherwise take itself for new."""
    forbidden = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED, "not authorized")
    cluster = FakeCluster({0: 2}, [FakeMessage(error_=forbidden)])
    if not while_reading:
        cluster.troubles = [forbidden]
    with pytest.raises(TopicUnusable, match=r"t\.cursors cannot be read: not authorized"):
        cluster.read()
