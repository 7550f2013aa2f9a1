"""Create the topics that the producer writes to; never alter an existing one."""

from collections.abc import Sequence
from typing import Final

import structlog
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # public, not in its __all__
    AdminClient,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from producer.errors import TopicUnusable
from producer.kafka.client import KafkaConnection
from producer.kafka.topic_plans import CLEANUP, TopicPlan
from runtime.deadline import Deadline

__all__ = ["ensure_topics", "topic_names"]

log = structlog.get_logger()

_PAUSE_SECONDS: Final = 0.1


def ensure_topics(
    connection: KafkaConnection, plans: Sequence[TopicPlan], timeout_seconds: float
) -> None:
    """Create missing topics, and check existing ones.

    Raises:
        TopicUnusable: A topic cannot be created, or its cleanup policy would lose records.
        KafkaUnreachable: Kafka gave no answer in time.
        KafkaRefused: Kafka does not accept our login.
    """
    admin, deadline = connection.admin(), Deadline(timeout_seconds)
    existing = _names(admin, connection, deadline)
    for plan in plans:
        if plan.name in existing:
            _check_cleanup(admin, plan)
        else:
            _create(admin, plan)
    while not {plan.name for plan in plans} <= _names(admin, connection, deadline):
        connection.check(deadline)


def topic_names(connection: KafkaConnection, timeout_seconds: float) -> set[str]:
    """List the names of all topics.

    Raises:
        KafkaUnreachable: Kafka gave no answer in time.
        KafkaRefused: Kafka does not accept our login.
    """
    return _names(connection.admin(), connection, Deadline(timeout_seconds))


def _names(admin: AdminClient, connection: KafkaConnection, deadline: Deadline) -> set[str]:
    """List the names of all topics. As the first call of Kafka, it waits until Kafka answers."""
    while True:
        try:
            return set(admin.list_topics(timeout=deadline.slice).topics)
        except KafkaException:
            admin.poll(_PAUSE_SECONDS)
            connection.check(deadline)


def _check_cleanup(admin: AdminClient, plan: TopicPlan) -> None:
    resource = ConfigResource(ResourceType.TOPIC, plan.name)
    try:
        policy = admin.describe_configs([resource])[resource].result()[CLEANUP].value
    except KafkaException as error:
        raise TopicUnusable(
            f"the settings of topic {plan.name} cannot be read: {error.args[0].str()}"
        ) from error
    fault = plan.fault_of(policy)
    if fault is not None:
        raise TopicUnusable(
            f"topic {plan.name} has {CLEANUP}={policy}: {fault}; set {CLEANUP}="
            f"{plan.config[CLEANUP]} on it, or choose another KAFKA_TOPIC"
        )


def _create(admin: AdminClient, plan: TopicPlan) -> None:
    wanted = NewTopic(
        plan.name,
        num_partitions=plan.partitions,
        replication_factor=plan.replication_factor,
        config=dict(plan.config),
    )
    try:
        admin.create_topics([wanted])[plan.name].result()
    except KafkaException as error:
        reason = error.args[0]
        if reason.code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return
        raise TopicUnusable(
            f"topic {plan.name} cannot be created with {plan.partitions} partitions on "
            f"{plan.replication_factor} brokers: {reason.str()}; change the KAFKA_TOPIC_ settings, "
            "or have the topic created for you"
        ) from error
    log.info("topic_created", topic=plan.name, partitions=plan.partitions)
