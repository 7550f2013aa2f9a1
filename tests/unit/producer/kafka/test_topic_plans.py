import pytest

from producer.kafka.topic_plans import TopicPlan, plan_topics
from producer.settings import ProducerSettings
from runtime.topics import TopicNames


def plans(**settings: int) -> dict[str, TopicPlan]:
    """The plans by what the topic is for."""
    given = ProducerSettings(**settings)
    planned = plan_topics(TopicNames("t"), given)
    return {plan.name.removeprefix("t").removeprefix(".") or "trades": plan for plan in planned}


def test_topics_are_named_after_the_one_of_the_trades() -> None:
    """One setting names them all."""
    names = [plan.name for plan in plans().values()]
    kinds = ["cursors", "dead-letter", "holes", "gaps", "pairs", "markets", "claims"]
    assert names == ["t", *(f"t.{kind}" for kind in kinds)]


def test_trades_have_the_partitions_and_the_retention_of_the_settings() -> None:
    """A week unless the settings say otherwise."""
    assert plans()["trades"].config["retention.ms"] == str(7 * 24 * 3600 * 1000)
    plan = plans(kafka_topic_partitions=8, kafka_topic_retention_hours=2)["trades"]
    assert (plan.partitions, plan.config["retention.ms"]) == (8, "7200000")
    assert plan.config["cleanup.policy"] == "delete"


@pytest.mark.parametrize("topic", ["cursors", "holes", "gaps", "pairs", "markets", "claims"])
def test_what_is_known_is_compacted_in_one_partition(topic: str) -> None:
    """Only the newest of a key matters, and for as long as there is the topic."""
    plan = plans(kafka_topic_partitions=8)[topic]
    assert plan.partitions == 1
    assert plan.config["cleanup.policy"] == "compact"
    assert "retention.ms" not in plan.config


def test_dead_letters_are_kept_for_good() -> None:
    """They wait for a person."""
    assert plans()["dead-letter"].config["retention.ms"] == "-1"


@pytest.mark.parametrize(("replicas", "in_sync"), [(1, "1"), (2, "1"), (3, "2")])
def test_one_broker_may_be_down_where_there_are_three(replicas: int, in_sync: str) -> None:
    """And no acknowledged record is on one broker only."""
    for plan in plans(kafka_topic_replication_factor=replicas).values():
        assert plan.replication_factor == replicas
        assert plan.config["min.insync.replicas"] == in_sync


@pytest.mark.parametrize(
    ("topic", "policy", "fits"),
    [
        ("cursors", "compact", True),
        ("cursors", "delete", False),
        ("cursors", "compact,delete", False),
        ("holes", "compact", True),
        ("holes", "delete", False),
        ("pairs", "compact", True),
        ("pairs", "delete", False),
        ("trades", "delete", True),
        ("trades", "compact", False),
        ("trades", "compact, delete", False),
        ("dead-letter", "delete", True),
        ("dead-letter", "compact", False),
    ],
)
def test_a_cleanup_that_loses_records_is_a_fault(topic: str, policy: str, *, fits: bool) -> None:
    """Of a topic that is already there."""
    assert (plans()[topic].fault_of(policy) is None) == fits


def test_timestamps_are_bounded_with_room_for_copies_and_clocks() -> None:
    """A time in nanoseconds given as milliseconds is refused by the broker; old records are not."""
    day = 86_400_000
    for plan in plans().values():
        before = int(plan.config["message.timestamp.before.max.ms"])
        after = int(plan.config["message.timestamp.after.max.ms"])
        assert 17 * 366 * day < before < 57 * 365 * day
        assert after == day
