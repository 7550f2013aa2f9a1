"""Fields that records had in Kafka, and that the files they landed in have no column for."""

from collections.abc import Iterable, Iterator, Sequence

from lake.layout import LakeLayout
from lake.log.commit import Commit, CommitRange, Role
from lake.log.commit_log import CommitLog
from lake.verify.result import Problem, ProblemKind

__all__ = ["left_out_problems"]


def left_out_problems(layout: LakeLayout, commits: Sequence[Commit]) -> Iterator[Problem]:
    """A problem for each commit that left something out, unless its range was read again since.

    Args:
        layout: the lake.
        commits: those that left something out or were read again, in their order.
    """
    for commit in commits:
        if commit.left_out and not _is_reread(commit.number, commits):
            yield Problem(
                ProblemKind.LEFT_OUT,
                layout.relative(CommitLog(layout.commits).path(commit.number)),
                _advice(commit),
            )


def _is_reread(number: int, commits: Iterable[Commit]) -> bool:
    return any(
        later.reread is not None and later.reread.first <= number <= later.reread.last
        for later in commits
        if later.number > number
    )


def _advice(commit: Commit) -> str:
    left = "; ".join(
        f"{', '.join(one.fields)} of records with schema id {one.schema_id}"
        for one in commit.left_out
    )
    span = commit.reread or CommitRange(first=_first(commit), last=commit.number)
    return (
        f"The reader schema had no place for {left}. Register a version that has all fields, "
        "restart the stream, then land the range again: "
        f"`python -m lake reread --from-commit {span.first} --to-commit {span.last}`."
    )


def _first(commit: Commit) -> int:
    """What came from quarantine was read from Kafka by some commit before."""
    return commit.number if commit.role is Role.STREAM else 1
