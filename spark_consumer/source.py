"""The topic: which one it is, which offsets it holds, and Spark's way to read it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from confluent_kafka import IsolationLevel, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stub lacks OffsetSpec
    AdminClient,
    OffsetSpec,
)
from pyspark.sql import DataFrame, SparkSession

from lake.commit import Source
from schemas.settings import KafkaSettings
from spark_consumer.errors import KafkaUnreachable, OffsetsGone, SourceReplaced, TopicMissing
from spark_consumer.kafka_options import java_client_options

__all__ = ["Acceptance", "TopicState", "read_stream", "start_offsets", "topic_state"]

_ANSWER_WITHIN = 30.0
_EARLIEST = OffsetSpec.earliest()  # type: ignore[no-untyped-call]  # its stub lacks the types
_LATEST = OffsetSpec.latest()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class TopicState:
    """A topic as it stands now.

    Attributes:
        source: its identity.
        earliest: the first offset still held, per partition.
        latest: the offset after the last committed record, per partition.
    """

    source: Source
    earliest: Mapping[int, int]
    latest: Mapping[int, int]

    def lag(self, position: Mapping[int, int]) -> int:
        """Offsets beyond a position; the control records of transactions are counted among them."""
        return sum(end - position.get(partition, 0) for partition, end in self.latest.items())


@dataclass(frozen=True)
class Acceptance:
    """What stops a start unless the user says that it is known.

    Attributes:
        new_kafka: another topic is read from its first record. What it holds again of trades that
            have landed is left out by their ids.
        deleted_records: records that Kafka deleted before they landed are skipped.
    """

    new_kafka: bool = False
    deleted_records: bool = False


def topic_state(settings: KafkaSettings) -> TopicState:
    """Ask the broker.

    Raises:
        KafkaUnreachable: nothing answered within 30 seconds.
        TopicMissing: there is no such topic.
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
            Source(
                cluster_id=cluster.cluster_id, topic=settings.topic, topic_id=str(topic.topic_id)
            ),
            earliest=_offsets(admin, settings.topic, partitions, _EARLIEST),
            latest=_offsets(admin, settings.topic, partitions, _LATEST),
        )
    except KafkaException as error:
        raise _told(error, settings) from error


def start_offsets(
    topic: TopicState, source: Source | None, position: Mapping[int, int], accept: Acceptance
) -> Mapping[int, int]:
    """Where to go on, for every partition, from what the commit log says.

    Args:
        topic: the topic as it stands.
        source: the topic that the lake was filled from; None for a new lake.
        position: the next offset to land, per partition.
        accept: what the user takes knowingly.

    Raises:
        SourceReplaced: the position belongs to another topic or cluster.
        OffsetsGone: records were deleted before they were landed.
    """
    if source is None or (accept.new_kafka and _is_another(topic, source, position)):
        return dict(topic.earliest)
    if _is_another(topic, source, position):
        raise SourceReplaced(
            f"the lake was filled from topic {source.topic} ({source.topic_id}) of cluster "
            f"{source.cluster_id} up to {dict(position)}; now it is {topic.source.topic} "
            f"({topic.source.topic_id}) of cluster {topic.source.cluster_id}, which ends at "
            f"{dict(topic.latest)}. If Kafka was made anew on purpose, start once with "
            "--accept-new-kafka: it reads the new topic from its first record and leaves out "
            "trades that have landed."
        )
    gone = {
        partition: (position.get(partition, 0), first - 1)
        for partition, first in topic.earliest.items()
        if first > position.get(partition, 0)
    }
    if gone and not accept.deleted_records:
        raise OffsetsGone(
            f"Kafka has deleted records of {source.topic} that had not landed, offsets by "
            f"partition: {gone}. Raise the topic's retention.ms. To go on without them start once "
            "with --skip-deleted; fetch their trades again with a backfill."
        )
    return {
        partition: max(position.get(partition, first), first)
        for partition, first in topic.earliest.items()
    }


def read_stream(
    spark: SparkSession, settings: KafkaSettings, start: Mapping[int, int], most_per_batch: int
) -> DataFrame:
    """Committed records of the topic from `start` on, as Spark's Kafka source gives them."""
    starting = {settings.topic: {str(partition): offset for partition, offset in start.items()}}
    options = {
        "subscribe": settings.topic,
        "startingOffsets": json.dumps(starting),
        "includeHeaders": "true",
        "failOnDataLoss": "true",
        "maxOffsetsPerTrigger": str(most_per_batch),
        "kafka.isolation.level": "read_committed",
        **java_client_options(settings),
    }
    return spark.readStream.format("kafka").options(**options).load()


def _is_another(topic: TopicState, source: Source, position: Mapping[int, int]) -> bool:
    behind = any(topic.latest.get(partition, 0) < end for partition, end in position.items())
    return topic.source != source or behind


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
