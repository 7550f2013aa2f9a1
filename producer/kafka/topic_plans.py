"""The settings of the producer's topics. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from producer.settings import ProducerSettings
from runtime.topics import TopicNames

__all__ = ["CLEANUP", "TopicPlan", "plan_topics"]

_FOR_EVER: Final = "-1"
CLEANUP: Final = "cleanup.policy"

_TIMESTAMP_BOUNDS: Final = {
    "message.timestamp.before.max.ms": str(30 * 366 * 86_400_000),
    "message.timestamp.after.max.ms": str(86_400_000),
}
"""How far a record's timestamp may be from the broker's clock: 30 years before, a day ahead.

Ours are times of ingestion, backfills' too, and may wait for a broker that is down; a copy of an
old topic keeps its own. A time beyond these bounds comes from a wrong clock or unit: nanoseconds
given as milliseconds would keep the segment from ever being deleted.
"""


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """How to create a topic.

    Attributes:
        name: Its name.
        partitions: How many partitions.
        replication_factor: On how many brokers each is.
        config: Its settings, all explicit, so that a broker's defaults decide nothing.
    """

    name: str
    partitions: int
    replication_factor: int
    config: Mapping[str, str]

    def fault_of(self, policy: str) -> str | None:
        """Return why a topic with this cleanup.policy would lose records; None if it would not."""
        policies = {part.strip() for part in policy.split(",")}
        if self.config[CLEANUP] == "compact" and policies != {"compact"}:
            return "it must only be compacted, or Kafka deletes what the producer has to remember"
        if self.config[CLEANUP] == "delete" and "compact" in policies:
            return "it must not be compacted, or only the newest record of each symbol stays"
        return None


def plan_topics(names: TopicNames, settings: ProducerSettings) -> tuple[TopicPlan, ...]:
    """Return the plans of all topics of the producer.

    Trades are kept for a week unless the settings say otherwise: the lake keeps them permanently,
    the topic only has to outlast an outage of its reader. Retention counts from ingestion, see
    `producer.kafka.records`. Dead letters are few and wait for a person, so they are kept. Of the
    cursors only the newest per symbol matters; small segments let Kafka compact soon, which keeps
    the read at the producer's start short. Missing ids are few ranges and claims are few, each
    kept once; of a pair that cannot be recorded for now only the newest state matters.
    """
    replicas = settings.kafka_topic_replication_factor
    retention = timedelta(hours=settings.kafka_topic_retention_hours)
    common = {
        **_TIMESTAMP_BOUNDS,
        "compression.type": "producer",
        "max.message.bytes": "1048588",
        "message.timestamp.type": "CreateTime",
        # One broker may be down: the producer goes on, and no acknowledged record is lost.
        "min.insync.replicas": "2" if replicas >= 3 else "1",  # noqa: PLR2004  two of three
    }
    kept_for = {CLEANUP: "delete", "retention.bytes": _FOR_EVER}
    compacted = {
        CLEANUP: "compact",
        "segment.ms": _milliseconds(timedelta(hours=1)),
        "segment.bytes": str(16 * 2**20),
        "min.cleanable.dirty.ratio": "0.1",
    }
    return (
        TopicPlan(
            names.trades,
            settings.kafka_topic_partitions,
            replicas,
            {**common, **kept_for, "retention.ms": _milliseconds(retention)},
        ),
        TopicPlan(names.cursors, 1, replicas, {**common, **compacted}),
        TopicPlan(
            names.dead_letter, 1, replicas, {**common, **kept_for, "retention.ms": _FOR_EVER}
        ),
        TopicPlan(names.holes, 1, replicas, {**common, **compacted}),
        TopicPlan(names.gaps, 1, replicas, {**common, **compacted}),
        TopicPlan(names.pairs, 1, replicas, {**common, **compacted}),
        TopicPlan(names.markets, 1, replicas, {**common, **compacted}),
        TopicPlan(names.claims, 1, replicas, {**common, **compacted}),
    )


def _milliseconds(time: timedelta) -> str:
    return str(int(time.total_seconds() * 1000))
