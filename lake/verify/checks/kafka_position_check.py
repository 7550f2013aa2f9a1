"""Compares the position in the commit log with the topic's offsets."""

from collections.abc import Iterator

from lake.log.commit import Commit
from lake.log.source_state import SourceState
from lake.verify.result import Problem, ProblemKind

__all__ = ["check_source", "position"]


def position(commit: Commit | None) -> dict[int, int]:
    """Return the next offset to land after a commit, per partition; each commit lists all."""
    return {} if commit is None else {part: covered.end for part, covered in commit.offsets.items()}


def check_source(
    before: Commit | None, topic: SourceState, after: Commit | None
) -> Iterator[Problem]:
    """Yield a problem for each impossible position, and for records that were deleted unread.

    The stream may land meanwhile, so the log is read before and after the broker is asked.

    Args:
        before: the newest commit before the broker was asked; None for a lake without one.
        topic: the broker's answer.
        after: the newest commit after that.
    """
    if before is not None and before.source != topic.source:
        yield _another(before, topic)
        return
    name = topic.source.topic
    for partition, (at, end) in sorted(topic.shortfall(position(before)).items()):
        advice = (
            f"The lake has landed up to offset {at}, but Kafka ends at {end}: the topic was "
            "created again or lost records. Fetch the trades since then with a backfill, and "
            "start the stream once with --accept-new-kafka."
        )
        yield Problem(ProblemKind.BEYOND_END, f"{name} partition {partition}", advice)
    for partition, (first, last) in sorted(topic.deleted(position(after)).items()):
        advice = (
            f"Kafka deleted offsets {first} to {last} before they landed. Raise the topic's "
            "retention.ms, start the stream once with --skip-deleted, and fetch their trades again "
            "with a backfill."
        )
        yield Problem(ProblemKind.DELETED, f"{name} partition {partition}", advice)


def _another(commit: Commit, topic: SourceState) -> Problem:
    was, now = commit.source, topic.source
    advice = (
        f"The lake was filled from topic {was.topic} ({was.topic_id}) of cluster {was.cluster_id}, "
        f"now it is {now.topic} ({now.topic_id}) of cluster {now.cluster_id}. If the topic was "
        "created again on purpose, start the stream once with --accept-new-kafka; otherwise check "
        "KAFKA_BOOTSTRAP_SERVERS and KAFKA_TOPIC."
    )
    return Problem(ProblemKind.OTHER_SOURCE, now.topic, advice)
