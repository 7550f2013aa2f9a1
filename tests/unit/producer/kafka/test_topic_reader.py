import pytest
import structlog
from confluent_kafka import OFFSET_BEGINNING, KafkaError

from producer.errors import TopicUnusable
from runtime.errors import KafkaUnreachable
from tests.unit.producer.fake_cluster import FakeCluster, FakeMessage, eof


def read(cluster: FakeCluster, seconds: float = 5.0) -> list[bytes | None]:
    """The values, in the order in which they come."""
    return [message.value() for message in cluster.topic(seconds).read()]


def record(offset: int, value: bytes) -> FakeMessage:
    """A record's message."""
    return FakeMessage(offset, b"A", value)


def test_the_topic_is_read_from_start_to_end() -> None:
    """Commit markers take offsets too, so only the end of the partition shows that all is read."""
    cluster = FakeCluster({0: 4}, [None, record(0, b"1"), record(2, b"2"), eof(4)])
    assert read(cluster) == [b"1", b"2"]
    assert cluster.assigned == [(0, OFFSET_BEGINNING)]
    assert cluster.closed


def test_reading_ends_although_others_write_on_and_on() -> None:
    """Then the consumer never sees the end; what lies behind the one at first is left."""
    cluster = FakeCluster({0: 4}, [record(0, b"1"), record(2, b"2"), record(4, b"3")])
    assert read(cluster, seconds=0.2) == [b"1", b"2"]
    cluster = FakeCluster({0: 3}, [record(0, b"1"), record(2, b"2")])
    assert read(cluster, seconds=0.2) == [b"1", b"2"]


def test_every_partition_is_read() -> None:
    """A topic may have been created with several."""
    cluster = FakeCluster(
        {0: 2, 1: 2}, [record(0, b"1"), eof(2), record(0, b"3"), eof(2, partition=1)]
    )
    assert read(cluster) == [b"1", b"3"]


def test_an_end_before_the_end_is_read_past() -> None:
    """What another producer's open transaction hides is waited for."""
    cluster = FakeCluster({0: 6}, [record(0, b"1"), eof(2), None, record(4, b"2"), eof(6)])
    assert read(cluster) == [b"1", b"2"]


def test_an_end_that_stays_hidden_is_an_error() -> None:
    """An old cursor must not be taken for the newest."""
    cluster = FakeCluster({0: 6}, [record(0, b"1"), eof(2)])
    with pytest.raises(KafkaUnreachable, match="has left a transaction open"):
        read(cluster, seconds=0.1)


def test_a_long_wait_for_an_open_transaction_is_logged_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The line names the topic, and says who ends the transaction."""
    monkeypatch.setattr("producer.kafka.topic_reader._SILENT_SECONDS", 0.0)
    cluster = FakeCluster({0: 6}, [eof(2), None, None, record(5, b"1"), eof(6)])
    with structlog.testing.capture_logs() as lines:
        read(cluster)
    assert [(one["event"], one["topic"]) for one in lines] == [
        ("waiting_for_open_transaction", "t.cursors")
    ]


def test_an_end_is_waited_for_longer_than_an_answer() -> None:
    """Kafka takes its time to end what a killed producer has left open."""
    silence: list[FakeMessage | None] = [None] * 10
    cluster = FakeCluster({0: 6}, [record(0, b"1"), eof(2), *silence, record(4, b"2"), eof(6)])
    topic = cluster.topic(0.1, hidden=5.0)
    assert [message.value() for message in topic.read()] == [b"1", b"2"]


def test_the_newest_offsets_are_read_alone() -> None:
    """Of each partition, as far as it goes back."""
    cluster = FakeCluster({0: 12, 1: 3}, [record(9, b"1"), eof(12), eof(3, partition=1)])
    assert [message.value() for message in cluster.topic().read_newest(5)] == [b"1"]
    assert cluster.assigned == [(0, 7), (1, 0)]


def test_the_longest_partition_tells_how_many_offsets_there_are() -> None:
    """What retention has deleted does not count."""
    cluster = FakeCluster({0: 12, 1: 30}, [], firsts={0: 2, 1: 25})
    assert cluster.topic().most_offsets() == 10


def test_a_broker_that_goes_away_is_an_error() -> None:
    """When the time is up."""
    with pytest.raises(KafkaUnreachable, match="no answer"):
        read(FakeCluster({0: 6}, [record(0, b"1")]), seconds=0.1)


def test_passing_troubles_are_waited_out() -> None:
    """A topic without a leader yet is not an empty topic, whose pairs would start again."""
    cluster = FakeCluster(
        {0: 2},
        [record(0, b"1"), eof(2)],
        troubles=[
            KafkaError(KafkaError._TRANSPORT),
            KafkaError(KafkaError.LEADER_NOT_AVAILABLE),
            KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART),
        ],
    )
    # The admin client pauses by polling, which here takes from the same messages.
    cluster.messages[:0] = [None, None, None]
    assert read(cluster) == [b"1"]


@pytest.mark.parametrize("while_reading", [False, True])
def test_a_topic_that_may_not_be_read_is_an_error(*, while_reading: bool) -> None:
    """The producer would otherwise take itself for new."""
    forbidden = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED, "not authorized")
    cluster = FakeCluster({0: 2}, [FakeMessage(error_=forbidden)])
    if not while_reading:
        cluster.troubles = [forbidden]
    with pytest.raises(TopicUnusable, match=r"t\.cursors cannot be read: not authorized"):
        read(cluster)
