"""Checks, while the stream runs, that the topic is still the one that the lake is filled from.

A topic that is deleted and created again has the same name and other records. Spark looks only at
the name, and reads on at its offset as soon as the new topic is that long.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lake.log.commit import Source
from runtime.errors import TopicMissing
from runtime.topic_state import TopicClient
from spark_consumer.errors import SourceReplaced
from spark_consumer.kafka.source import Acceptance, start_offsets
from spark_consumer.kafka.source_state import as_source_state

__all__ = ["SourceGuard"]


@dataclass(frozen=True)
class SourceGuard:
    """Compares the topic with the source that the commits name.

    Attributes:
        client: asks the broker.
        source: the topic that the stream was started on.
    """

    client: TopicClient
    source: Source

    def check(self, position: Mapping[int, int]) -> None:
        """Check before a commit that it holds nothing read from another topic.

        Everything that Spark read before the answer is from the topic that the answer names, since
        no topic ever gets the id of an earlier one.

        Raises:
            SourceReplaced: The topic was deleted, or is another one.
            KafkaUnreachable: Nothing answered within 30 seconds.
        """
        try:
            topic_id = self.client.topic_id()
        except TopicMissing as error:
            raise self._deleted(position) from error
        if topic_id != self.source.topic_id:
            self.explain(position)

    def explain(self, position: Mapping[int, int]) -> None:
        """Raise the reason why Spark failed, if it is the topic.

        Raises:
            SourceReplaced: As `check`, or the topic ends before the position.
            OffsetsGone: Records were deleted before they landed.
            KafkaUnreachable: Nothing answered within 30 seconds.
        """
        try:
            state = self.client.state()
        except TopicMissing as error:
            raise self._deleted(position) from error
        start_offsets(as_source_state(state), self.source, position, Acceptance())

    def _deleted(self, position: Mapping[int, int]) -> SourceReplaced:
        return SourceReplaced(
            f"topic {self.source.topic} ({self.source.topic_id}) was deleted while the stream "
            f"ran; the lake holds its records up to {dict(position)}, and later ones can no longer "
            "be read. When the topic has been created again, start once with --accept-new-kafka; "
            "fetch trades that had not landed with a backfill."
        )
