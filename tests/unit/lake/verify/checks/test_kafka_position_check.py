import pytest

from lake.log.commit import Commit, OffsetRange, Role, Source
from lake.log.source_state import SourceState
from lake.verify.checks.kafka_position_check import check_source, position
from lake.verify.result import ProblemKind
from tests.unit.lake.lakes import AT, SOURCE

TOPIC = SourceState(source=SOURCE, earliest={0: 10, 1: 0}, latest={0: 100, 1: 50})


def commit(ends: dict[int, int], source: Source = SOURCE) -> Commit:
    """One that landed up to these offsets."""
    spans = {partition: OffsetRange(start=0, end=end) for partition, end in ends.items()}
    return Commit(
        number=1, committed_at=AT, role=Role.STREAM, run_id="r", source=source, offsets=spans
    )


def found(before: Commit | None, after: Commit | None) -> list[tuple[ProblemKind, str]]:
    """Kind and place of each problem."""
    return [(one.kind, one.where) for one in check_source(before, TOPIC, after)]


def test_a_position_within_the_topic_is_right() -> None:
    """At its end, behind it, at its first record; and a lake without a commit has none."""
    for ends in ({0: 100, 1: 50}, {0: 60, 1: 0}, {0: 10, 1: 7}):
        assert found(commit(ends), commit(ends)) == []
    assert position(commit({0: 100})) == {0: 100}
    assert position(None) == {}


@pytest.mark.parametrize("name", ["cluster_id", "topic", "topic_id"])
def test_another_topic_or_cluster_is_named_and_its_offsets_are_not_compared(name: str) -> None:
    """They count something else."""
    other = commit({0: 1000, 1: 50}, SOURCE.model_copy(update={name: "other"}))
    assert found(other, other) == [(ProblemKind.OTHER_SOURCE, "kraken.trades")]
    (problem,) = check_source(other, TOPIC, other)
    assert "other" in problem.advice
    assert "--accept-new-kafka" in problem.advice


def test_a_position_beyond_the_end_is_named_by_its_partition() -> None:
    """A topic does not shrink, nor does it lose a partition."""
    beyond = commit({0: 101, 1: 50, 2: 1})
    assert found(beyond, beyond) == [
        (ProblemKind.BEYOND_END, "kraken.trades partition 0"),
        (ProblemKind.BEYOND_END, "kraken.trades partition 2"),
    ]


def test_records_deleted_before_they_landed_are_named_with_their_offsets() -> None:
    """Also those of a partition that the lake has not begun with."""
    behind = commit({0: 4, 1: 7})
    (problem,) = check_source(behind, TOPIC, behind)
    assert (problem.kind, problem.where) == (ProblemKind.DELETED, "kraken.trades partition 0")
    assert "offsets 4 to 9 before they landed" in problem.advice
    assert found(None, None) == [(ProblemKind.DELETED, "kraken.trades partition 0")]


def test_a_stream_at_work_raises_no_alarm() -> None:
    """What it landed while the broker was asked was not lost, and not beyond the end."""
    assert found(commit({0: 4, 1: 7}), commit({0: 120, 1: 60})) == []
