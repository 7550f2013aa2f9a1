"""A topic as the broker tells of it: which one it is, and which offsets it holds.

The stream goes on from it, `lake verify` holds the commit log against it, and whoever watches the
pipeline measures with it. It lies here since all of them know the broker from this package.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import stamina
from confluent_kafka import IsolationLevel, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stub lacks OffsetSpec
    AdminClient,
    OffsetSpec,
)

from schemas.errors import KafkaUnreachable, TopicMissing
from schemas.settings import KafkaSettings

__all__ = ["TopicState", "read_topic_state"]

_ANSWER_WITHIN: Final = 30.0
_NO_LEADER: Final = frozenset({"LEADER_NOT_AVAILABLE", "NOT_LEADER_FOR_PARTITION"})
"""What a broker says of a partition that is just being made, or has just moved."""
_EARLIEST: Final = OffsetSpec.earliest()  # type: ignore[no-untyped-call]  # its stub lacks the types
_LATEST: Final = OffsetSpec.latest()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as it stands now.

    A topic that was deleted and made again has another `topic_id` under the same name.

    Attributes:
        cluster_id: Of the Kafka cluster.
        topic: The topic's name.
        topic_id: Kafka's own id of it.
        earliest: The first offset still held, per partition.
        latest: The offset after the last committed record, per partition.
    """

    cluster_id: str
    topic: str
    topic_id: str
    earliest: Mapping[int, int]
    latest: Mapping[int, int]


def read_topic_state(settings: KafkaSettings) -> TopicState:
    """Ask the broker for the topic of the trades.

    Raises:
        KafkaUnreachable: Nothing answered within 30 seconds, or a partition had no leader for so
            long.
        TopicMissing: There is no such topic.
    """
    admin = AdminClient({**settings.client_config(), "log_level": 2})
    try:
        return _asked(admin, settings.topic)
    except KafkaException as error:
        raise _told(error, settings) from error


def _has_no_leader(error: Exception) -> bool:
    return isinstance(error, KafkaException) and error.args[0].name() in _NO_LEADER


@stamina.retry(on=_has_no_leader, attempts=None, timeout=_ANSWER_WITHIN, wait_max=1.0)
def _asked(admin: AdminClient, name: str) -> TopicState:
    cluster = admin.describe_cluster(request_timeout=_ANSWER_WITHIN).result()
    described = admin.describe_topics(TopicCollection([name]), request_timeout=_ANSWER_WITHIN)
    topic = described[name].result()
    partitions = [partition.id for partition in topic.partitions]
    return TopicState(
        cluster_id=cluster.cluster_id,
        topic=name,
        topic_id=str(topic.topic_id),
        earliest=_offsets(admin, name, partitions, _EARLIEST),
        latest=_offsets(admin, name, partitions, _LATEST),
    )


def _offsets(
    admin: AdminClient, topic: str, partitions: list[int], spec: OffsetSpec
) -> dict[int, int]:
    answers = admin.list_offsets(
        {TopicPartition(topic, partition): spec for partition in partitions},
        isolation_level=IsolationLevel.READ_COMMITTED,
        request_timeout=_ANSWER_WITHIN,
    )
    return {at.partition: answer.result().offset for at, answer in answers.items()}


def _told(error: KafkaException, settings: KafkaSettings) -> KafkaUnreachable | TopicMissing:
    fault = error.args[0]
    if fault.name() == "UNKNOWN_TOPIC_OR_PART":
        return TopicMissing(
            f"{settings.bootstrap_servers} has no topic {settings.topic}: start the producer "
            "first, it creates the topics, or set KAFKA_TOPIC."
        )
    return KafkaUnreachable(
        f"no answer from Kafka at {settings.bootstrap_servers}: {fault.str()}. Is it running, and "
        "is KAFKA_BOOTSTRAP_SERVERS right?"
    )
