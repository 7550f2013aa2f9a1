"""Where the stream starts in the topic, and Spark's source that reads it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pyspark.sql import DataFrame, SparkSession

from lake.log.commit import Source
from lake.log.source_state import SourceState
from runtime.settings import KafkaSettings
from spark_consumer.errors import OffsetsGone, SourceReplaced
from spark_consumer.kafka.options import java_client_options

__all__ = ["Acceptance", "read_range", "read_stream", "start_offsets"]

_MOST_PER_TASK: Final = 250_000
"""A partition with more records is read by several tasks in parallel, to use all cores."""


@dataclass(frozen=True)
class Acceptance:
    """Conditions that stop a start unless the user accepts them.

    Attributes:
        new_kafka: the topic is another one: read it from its first record. Trades in it that have
            landed already are dropped by their ids.
        deleted_records: Kafka deleted records before they landed: skip them.
    """

    new_kafka: bool = False
    deleted_records: bool = False


def start_offsets(
    topic: SourceState, source: Source | None, position: Mapping[int, int], accept: Acceptance
) -> Mapping[int, int]:
    """Return the offset to start from, for every partition, by the commit log's position.

    Args:
        topic: the topic's identity and offsets now.
        source: the topic that the lake was filled from; None for a new lake.
        position: the next offset to land, per partition.
        accept: what the user accepts.

    Raises:
        SourceReplaced: The position belongs to another topic or cluster.
        OffsetsGone: Records were deleted before they were landed.
    """
    if source is None or (accept.new_kafka and _is_another(topic, source, position)):
        return dict(topic.earliest)
    if _is_another(topic, source, position):
        raise SourceReplaced(
            f"the lake was filled from topic {source.topic} ({source.topic_id}) of cluster "
            f"{source.cluster_id} up to {dict(position)}; now it is {topic.source.topic} "
            f"({topic.source.topic_id}) of cluster {topic.source.cluster_id}, which ends at "
            f"{dict(topic.latest)}. If the topic was created again on purpose, start once with "
            "--accept-new-kafka: it reads the new topic from its first record and drops trades "
            "that have landed already."
        )
    gone = topic.deleted(position)
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
    """Read the topic's committed records from `start` on, with Spark's Kafka source."""
    options = {
        "subscribe": settings.topic,
        "startingOffsets": _as_json(settings.topic, start),
        "includeHeaders": "true",
        "failOnDataLoss": "true",
        "maxOffsetsPerTrigger": str(most_per_batch),
        "maxRecordsPerPartition": str(_MOST_PER_TASK),
        "kafka.isolation.level": "read_committed",
        # A request must not create a topic that was deleted.
        "kafka.allow.auto.create.topics": "false",
        # A consumer fetches ahead, and the broker would hold that request for half a second. The
        # next batch starts at another offset, and would have to wait for the answer first.
        "kafka.fetch.max.wait.ms": "1",
        # Otherwise Spark polls its consumer for every 500 records, a fifth of the time that a
        # million records take. A fetch still returns one compressed megabyte per partition.
        "kafka.max.poll.records": "10000",
        **java_client_options(settings),
    }
    return spark.readStream.format("kafka").options(**options).load()


def read_range(
    spark: SparkSession, settings: KafkaSettings, start: Mapping[int, int], end: Mapping[int, int]
) -> DataFrame:
    """Read the committed records between two positions, for every partition of the topic."""
    options = {
        "subscribe": settings.topic,
        "startingOffsets": json.dumps(
            {settings.topic: {str(at): one for at, one in start.items()}}
        ),
        "endingOffsets": json.dumps({settings.topic: {str(at): one for at, one in end.items()}}),
        "includeHeaders": "true",
        "failOnDataLoss": "true",
        "kafka.isolation.level": "read_committed",
        **java_client_options(settings),
    }
    return spark.read.format("kafka").options(**options).load()


def _as_json(topic: str, offsets: Mapping[int, int]) -> str:
    return json.dumps({topic: {str(partition): offset for partition, offset in offsets.items()}})


def _is_another(topic: SourceState, source: Source, position: Mapping[int, int]) -> bool:
    return topic.source != source or bool(topic.shortfall(position))
