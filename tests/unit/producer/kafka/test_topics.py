from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import KafkaError, KafkaException

from producer.errors import TopicUnusable
from producer.kafka.topic_plans import plan_topics
from producer.kafka.topics import ensure_topics
from producer.settings import ProducerSettings
from runtime.deadline import Deadline
from runtime.errors import KafkaUnreachable
from runtime.topics import TopicNames
from tests.unit.futures import done

if TYPE_CHECKING:
    from concurrent.futures import Future

PLANS = plan_topics(TopicNames("t"), ProducerSettings())
NAMES = ["t", "t.cursors", "t.dead-letter", "t.holes", "t.gaps", "t.pairs", "t.markets", "t.claims"]


@dataclass
class FakeCluster:
    """A connection and its admin client in one: topics and their cleanup.policy."""

    topics: dict[str, str] = field(default_factory=dict)
    created: list[object] = field(default_factory=list)
    down_for: int = 0
    refusal: KafkaException | None = None

    def admin(self) -> "FakeCluster":
        """Itself."""
        return self

    def check(self, deadline: Deadline) -> None:
        """As a connection does."""
        if deadline.passed:
            raise KafkaUnreachable("no answer")

    def poll(self, timeout: float) -> int:
        """Nothing to serve."""
        return int(timeout)

    def list_topics(self, timeout: float) -> SimpleNamespace:
        """Answer once the broker is up."""
        if self.down_for:
            self.down_for -= 1
            raise KafkaException(KafkaError(KafkaError._TRANSPORT, f"no answer in {timeout}"))
        return SimpleNamespace(topics=dict(self.topics))

    def create_topics(self, topics: list) -> dict[str, "Future[object]"]:
        """Create one."""
        (new,) = topics
        self.created.append(new)
        if self.refusal is not None:
            return {new.topic: done(self.refusal)}
        self.topics[new.topic] = new.config["cleanup.policy"]
        return {new.topic: done(None)}

    def describe_configs(self, resources: list) -> dict[object, "Future[object]"]:
        """Return the cleanup.policy."""
        (resource,) = resources
        entry = SimpleNamespace(value=self.topics[resource.name])
        return {resource: done({"cleanup.policy": entry})}


@pytest.fixture
def ensure() -> Callable[[FakeCluster], None]:
    """Ensure the topics of `t`."""
    return lambda cluster: ensure_topics(cluster, PLANS, 1.0)


def test_missing_topics_are_created_as_planned(ensure: Callable[[FakeCluster], None]) -> None:
    """With every setting explicit."""
    cluster = FakeCluster()
    ensure(cluster)
    assert [new.topic for new in cluster.created] == NAMES
    for new, plan in zip(cluster.created, PLANS, strict=True):
        assert new.num_partitions == plan.partitions
        assert new.replication_factor == plan.replication_factor
        assert new.config == plan.config


def test_existing_topics_are_left_alone(ensure: Callable[[FakeCluster], None]) -> None:
    """A second start creates nothing."""
    cluster = FakeCluster()
    ensure(cluster)
    ensure(cluster)
    assert len(cluster.created) == len(NAMES)


def test_only_what_is_missing_is_created(ensure: Callable[[FakeCluster], None]) -> None:
    """A topic that was created before keeps its settings."""
    cluster = FakeCluster({"t": "delete"})
    ensure(cluster)
    assert [new.topic for new in cluster.created] == NAMES[1:]


@pytest.mark.parametrize(("name", "policy"), [("t.cursors", "delete"), ("t", "compact")])
def test_a_topic_that_would_lose_records_is_an_error(
    ensure: Callable[[FakeCluster], None], name: str, policy: str
) -> None:
    """It names the topic, what it has, and what to set."""
    with pytest.raises(TopicUnusable, match=rf"topic {name} has cleanup.policy={policy}.*set"):
        ensure(FakeCluster({name: policy}))


def test_a_topic_that_appears_meanwhile_is_no_error(
    ensure: Callable[[FakeCluster], None],
) -> None:
    """Another producer may start at the same moment."""
    cluster = FakeCluster(refusal=KafkaException(KafkaError(KafkaError.TOPIC_ALREADY_EXISTS)))
    create = cluster.create_topics

    def somebody_was_faster(topics: list) -> dict[str, "Future[object]"]:
        cluster.topics[topics[0].topic] = "delete"
        return create(topics)

    cluster.create_topics = somebody_was_faster
    ensure(cluster)


def test_a_topic_that_may_not_be_created_is_an_error(
    ensure: Callable[[FakeCluster], None],
) -> None:
    """It says what was wanted and what Kafka said."""
    error = KafkaError(KafkaError.INVALID_REPLICATION_FACTOR, "1 broker is too few")
    with pytest.raises(TopicUnusable, match=r"topic t .*1 broker is too few.*KAFKA_TOPIC_"):
        ensure(FakeCluster(refusal=KafkaException(error)))


def test_the_start_waits_for_kafka(ensure: Callable[[FakeCluster], None]) -> None:
    """A broker that is still coming up is asked again."""
    cluster = FakeCluster(down_for=3)
    ensure(cluster)
    assert sorted(cluster.topics) == sorted(NAMES)


def test_the_start_does_not_wait_for_ever() -> None:
    """When the time is up, Kafka is unavailable."""
    with pytest.raises(KafkaUnreachable):
        ensure_topics(FakeCluster(down_for=10**9), PLANS, 0.1)
