"""The position in the commit log against the topic that it counts in."""

from collections.abc import Iterator

from lake.log.commit import Commit
from lake.log.source_state import SourceState
from lake.verify.result import Problem, ProblemKind

__all__ = ["check_source", "position"]


def position(commit: Commit | None) -> dict[int, int]:
    """The next offset to land, per partition, after a commit: each commit lists them all."""
    return {} if commit is None else {part: span.end for part, span in commit.offsets.items()}


def check_source(
    before: Commit | None, topic: SourceState, after: Commit | None
) -> Iterator[Problem]:
    """What of the position cannot be, or was lost.

    The stream may land meanwhile, so that the topic lies between two looks at the log.

    Args:
        before: the newest commit before the broker was asked; None for a lake without one.
        topic: what the broker told.
        after: the newest commit thereafter.
    """
    if before is not None and before.source != topic.source:
        yield _another(before, topic)
        return
    name = topic.source.topic
    for partition, (at, end) in sorted(topic.shortfall(position(before)).items()):
        told = (
            f"The lake has landed up to offset {at}, and Kafka ends at {end}: it was made anew or "
            "lost records. Fetch the trades since with a backfill, and start the stream once with "
            "--accept-new-kafka."
        )
        yield Problem(ProblemKind.BEYOND_END, f"{name} partition {partition}", told)
    for partition, (first, last) in sorted(topic.deleted(position(after)).items()):
        told = (
            f"Kafka deleted offsets {first} to {last} before they landed. Raise the topic's "
            "retention.ms, start the stream once with --skip-deleted, and fetch their trades again "
            "with a backfill."
        )
        yield Problem(ProblemKind.DELETED, f"{name} partition {partition}", told)


def _another(commit: Commit, topic: SourceState) -> Problem:
    was, now = commit.source, topic.source
    told = (
        f"The lake was filled from topic {was.topic} ({was.topic_id}) of cluster {was.cluster_id}, "
        f"now it is {now.topic} ({now.topic_id}) of cluster {now.cluster_id}. If Kafka was made "
        "anew on purpose, start the stream once with --accept-new-kafka; else see "
        "KAFKA_BOOTSTRAP_SERVERS and KAFKA_TOPIC."
    )
    return Problem(ProblemKind.OTHER_SOURCE, now.topic, told)
