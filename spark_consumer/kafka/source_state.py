"""The topic's identity and offsets as the lake's type; needs no Spark.

The monitor and `make run` measure the lag with it.
"""

from lake.log.commit import Source
from lake.log.source_state import SourceState
from runtime.settings import KafkaSettings
from runtime.topic_state import TopicState, read_topic_state

__all__ = ["as_source_state", "source_state"]


def source_state(settings: KafkaSettings) -> SourceState:
    """Ask the broker for the topic's identity and offsets, as the lake's type.

    Raises:
        KafkaUnreachable: Kafka did not answer within 30 seconds.
        TopicMissing: There is no such topic.
    """
    return as_source_state(read_topic_state(settings))


def as_source_state(state: TopicState) -> SourceState:
    """Convert the broker's answer to the lake's type."""
    return SourceState(
        source=Source(cluster_id=state.cluster_id, topic=state.topic, topic_id=state.topic_id),
        earliest=state.earliest,
        latest=state.latest,
        high_watermark=state.high_watermark,
    )
