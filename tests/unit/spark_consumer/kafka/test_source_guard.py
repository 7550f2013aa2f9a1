"""Whether the topic is still the one that the lake is filled from."""

from dataclasses import dataclass
from typing import cast

import pytest

from lake.log.commit import Source
from runtime.errors import TopicMissing
from runtime.topic_state import TopicClient, TopicState
from spark_consumer.errors import OffsetsGone, SourceReplaced
from spark_consumer.kafka.source_guard import SourceGuard

SOURCE = Source(cluster_id="c1", topic="kraken.trades", topic_id="t1")


@dataclass
class Broker:
    """A topic, or none."""

    its_id: str = "t1"
    earliest: int = 0
    latest: int = 50
    is_there: bool = True

    def topic_id(self) -> str:
        """As the broker tells it."""
        return self.state().topic_id

    def state(self) -> TopicState:
        """As the broker tells it."""
        if not self.is_there:
            raise TopicMissing("no topic")
        return TopicState("c1", "kraken.trades", self.its_id, {0: self.earliest}, {0: self.latest})


def guard(broker: Broker) -> SourceGuard:
    """A guard over it."""
    return SourceGuard(cast("TopicClient", broker), SOURCE)


def test_the_same_topic_passes() -> None:
    """Before a commit, and when Spark has failed for another reason."""
    guard(Broker()).check({0: 40})
    guard(Broker()).explain({0: 40})


def test_another_topic_of_the_name_is_refused_however_long_it_is() -> None:
    """The sentence is the one that a start says, with the command that accepts it."""
    for latest in (10, 50):
        with pytest.raises(SourceReplaced, match=r"\(t2\).*--accept-new-kafka"):
            guard(Broker(its_id="t2", latest=latest)).check({0: 40})


def test_a_deleted_topic_is_reported_as_deleted() -> None:
    """Not as one that the producer has yet to create."""
    for ask in (guard(Broker(is_there=False)).check, guard(Broker(is_there=False)).explain):
        with pytest.raises(SourceReplaced, match="was deleted while the stream ran"):
            ask({0: 40})


def test_what_spark_failed_at_is_reported_where_it_is_the_topic() -> None:
    """It ends before the position, or begins behind it."""
    with pytest.raises(SourceReplaced, match="now it is"):
        guard(Broker(latest=10)).explain({0: 40})
    with pytest.raises(OffsetsGone, match="--skip-deleted"):
        guard(Broker(earliest=45)).explain({0: 40})
