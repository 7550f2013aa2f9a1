from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from runtime.errors import KafkaUnreachable
from runtime.settings import KafkaSettings
from runtime.topic_state import TopicClient, TopicState, read_topic_state
from tests.unit.futures import done

if TYPE_CHECKING:
    from concurrent.futures import Future


def test_a_broker_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its address and what to look at."""
    monkeypatch.setattr("runtime.topic_state._ANSWER_WITHIN", 0.5)
    with pytest.raises(KafkaUnreachable, match=r"127\.0\.0\.1:1: .*KAFKA_BOOTSTRAP_SERVERS"):
        read_topic_state(KafkaSettings(bootstrap_servers="127.0.0.1:1"))


class _Moving:
    """A broker that answers with an error the first time that it is asked for offsets."""

    answer = KafkaError.NOT_LEADER_FOR_PARTITION

    def __init__(self, _: dict[str, Any]) -> None:
        self.asked = 0

    def list_topics(self, **_: float) -> SimpleNamespace:
        return SimpleNamespace(cluster_id="cluster")

    def describe_topics(self, _: object, **__: float) -> dict[str, "Future[Any]"]:
        topic = SimpleNamespace(topic_id="id", partitions=[SimpleNamespace(id=0)])
        return {"kraken.trades": done(topic)}

    def list_offsets(self, wanted: dict[TopicPartition, Any], **_: Any) -> Any:
        self.asked += 1
        if self.asked == 1:
            moved = KafkaException(KafkaError(self.answer))
            return {at: done(moved) for at in wanted}
        return {at: done(SimpleNamespace(offset=7)) for at in wanted}


@pytest.mark.parametrize(
    "answer",
    [
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.REPLICA_NOT_AVAILABLE,
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.OFFSET_NOT_AVAILABLE,
        KafkaError.KAFKA_STORAGE_ERROR,
        KafkaError.NETWORK_EXCEPTION,
        KafkaError.REQUEST_TIMED_OUT,
    ],
)
def test_a_partition_that_cannot_answer_yet_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, answer: int
) -> None:
    """A topic that has just been created, a broker that has just been started: for a moment."""
    monkeypatch.setattr(_Moving, "answer", answer)
    monkeypatch.setattr("runtime.topic_state.AdminClient", _Moving)
    state = read_topic_state(KafkaSettings())
    assert (state.earliest, state.latest) == ({0: 7}, {0: 7})


class _Restarted(_Moving):
    """A broker that was killed while it was asked, and is back at the next question."""

    def describe_topics(self, wanted: object, **more: float) -> dict[str, "Future[Any]"]:
        self.asked += 1
        if self.asked == 1:
            cut = KafkaException(KafkaError(KafkaError._TRANSPORT))
            return {"kraken.trades": done(cut)}
        return super().describe_topics(wanted, **more)


def test_a_broker_that_was_restarted_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream asks before each commit, and does not end because a connection broke then."""
    monkeypatch.setattr("runtime.topic_state.AdminClient", _Restarted)
    assert TopicClient(KafkaSettings()).topic_id() == "id"
    assert TopicClient(KafkaSettings()).state().latest == {0: 7}


def test_what_an_open_transaction_holds_back_is_known() -> None:
    """Between the last stable offset and the high watermark, in the partitions that have any."""
    state = TopicState("c", "t", "i", {0: 0, 1: 0}, {0: 8, 1: 5}, {0: 108, 1: 5})
    assert state.held_back == {0: (8, 108)}
