"""Reports fields that records had in Kafka and that their files in the lake have no column for."""

from collections.abc import Iterable, Iterator, Sequence

from lake.layout import LakeLayout
from lake.log.commit import Commit, CommitRange, Role
from lake.log.commit_log import CommitLog
from lake.verify.result import Problem, ProblemKind

__all__ = ["left_out_problems"]


def left_out_problems(
    layout: LakeLayout, commits: Sequence[Commit], first: int = 1
) -> Iterator[Problem]:
    """Yield a problem for each commit that left fields out and was not read again since.

    Args:
        layout: the lake.
        commits: the commits that left fields out or read others again, in their order.
        first: the first commit that is kept, folded ones that left fields out aside.
    """
    for commit in commits:
        if commit.left_out and not _is_reread(commit.number, commits):
            yield Problem(
                ProblemKind.LEFT_OUT,
                layout.relative(CommitLog(layout.commits).path(commit.number)),
                _advice(commit, first),
            )


def _is_reread(number: int, commits: Iterable[Commit]) -> bool:
    return any(
        later.reread is not None and later.reread.first <= number <= later.reread.last
        for later in commits
        if later.number > number
    )


def _advice(commit: Commit, kept_from: int) -> str:
    left = "; ".join(
        f"{', '.join(one.fields)} of records with schema id {one.schema_id}"
        for one in commit.left_out
    )
    commits = commit.reread or CommitRange(first=_first(commit, kept_from), last=commit.number)
    return (
        f"The reader schema had no place for {left}. Register a version that has all fields, "
        "restart the stream, then land the range again: "
        f"`kraken-lake reread --from-commit {commits.first} --to-commit {commits.last}`."
    )


def _first(commit: Commit, kept_from: int) -> int:
    """Return the first commit to read again: replayed records came from an earlier commit."""
    return commit.number if commit.role is Role.STREAM else min(kept_from, commit.number)
