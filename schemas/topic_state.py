"""A topic as the broker tells of it: which one it is, and which offsets it holds.

The stream goes on from it, `lake verify` holds the commit log against it, and whoever watches the
pipeline measures with it. It lies here since all of them know the broker from this package.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from confluent_kafka import IsolationLevel, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stub lacks OffsetSpec
    AdminClient,
    OffsetSpec,
)

from schemas.errors import KafkaUnreachable, TopicMissing
from schemas.settings import KafkaSettings

__all__ = ["TopicState", "read_topic_state"]

_ANSWER_WITHIN: Final = 30.0
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
        KafkaUnreachable: Nothing answered within 30 seconds.
        TopicMissing: There is no such topic.
    """
    admin = AdminClient({**settings.client_config(), "log_level": 2})
    try:
        cluster = admin.describe_cluster(request_timeout=_ANSWER_WITHIN).result()
        described = admin.describe_topics(
            TopicCollection([settings.topic]), request_timeout=_ANSWER_WITHIN
        )
        topic = described[settings.topic].result()
        partitions = [partition.id for partition in topic.partitions]
        return TopicState(
            cluster_id=cluster.cluster_id,
            topic=settings.topic,
            topic_id=str(topic.topic_id),
            earliest=_offsets(admin, settings.topic, partitions, _EARLIEST),
            latest=_offsets(admin, settings.topic, partitions, _LATEST),
        )
    except KafkaException as error:
        raise _told(error, settings) from error


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
