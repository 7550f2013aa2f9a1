"""The topic: which one it is, which offsets it holds, and Spark's way to read it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pyspark.sql import DataFrame, SparkSession

from lake.log.commit import Source
from lake.log.source_state import SourceState
from runtime.settings import KafkaSettings
from runtime.topic_state import TopicState, read_topic_state
from spark_consumer.errors import OffsetsGone, SourceReplaced
from spark_consumer.kafka.options import java_client_options

__all__ = ["Acceptance", "as_source_state", "read_stream", "source_state", "start_offsets"]


_MOST_PER_TASK: Final = 250_000
"""A partition that holds more is read by several tasks at once, so that all cores have work."""


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


def source_state(settings: KafkaSettings) -> SourceState:
    """Ask the broker for the topic, in the lake's words.

    Raises:
        KafkaUnreachable: Nothing answered within 30 seconds.
        TopicMissing: There is no such topic.
    """
    return as_source_state(read_topic_state(settings))


def as_source_state(state: TopicState) -> SourceState:
    """What the broker told, in the lake's words."""
    return SourceState(
        source=Source(cluster_id=state.cluster_id, topic=state.topic, topic_id=state.topic_id),
        earliest=state.earliest,
        latest=state.latest,
        high_watermark=state.high_watermark,
    )


def start_offsets(
    topic: SourceState, source: Source | None, position: Mapping[int, int], accept: Acceptance
) -> Mapping[int, int]:
    """Where to go on, for every partition, from what the commit log says.

    Args:
        topic: the topic as it stands.
        source: the topic that the lake was filled from; None for a new lake.
        position: the next offset to land, per partition.
        accept: what the user takes knowingly.

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
            f"{dict(topic.latest)}. If Kafka was made anew on purpose, start once with "
            "--accept-new-kafka: it reads the new topic from its first record and leaves out "
            "trades that have landed."
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
    """Committed records of the topic from `start` on, as Spark's Kafka source gives them."""
    starting = {settings.topic: {str(partition): offset for partition, offset in start.items()}}
    options = {
        "subscribe": settings.topic,
        "startingOffsets": json.dumps(starting),
        "includeHeaders": "true",
        "failOnDataLoss": "true",
        "maxOffsetsPerTrigger": str(most_per_batch),
        "maxRecordsPerPartition": str(_MOST_PER_TASK),
        "kafka.isolation.level": "read_committed",
        # A topic that was deleted must not come back for being asked for.
        "kafka.allow.auto.create.topics": "false",
        # A consumer asks for more before it is told to, and the broker would keep that request for
        # half a second; the next batch begins elsewhere, and would wait for the answer first.
        "kafka.fetch.max.wait.ms": "1",
        # Spark asks its consumer anew for every 500 records else, a fifth of what a million takes.
        # What a fetch brings stays a megabyte a partition, as it is compressed.
        "kafka.max.poll.records": "10000",
        **java_client_options(settings),
    }
    return spark.readStream.format("kafka").options(**options).load()


def _is_another(topic: SourceState, source: Source, position: Mapping[int, int]) -> bool:
    return topic.source != source or bool(topic.shortfall(position))
