"""Reads the commit log from start to end: finds missing commits, and computes the files."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lake.errors import LakeDamaged
from lake.layout import LakeLayout
from lake.log.checkpoint import LogCheckpoint
from lake.log.commit import Commit
from lake.log.commit_log import SUMMARY, CommitLog
from lake.log.snapshot import SAVED_AS, Snapshot, saved_snapshot
from lake.verify.left_out_fields import left_out_problems
from lake.verify.result import Problem, ProblemKind

__all__ = ["LogCheck", "check_log"]


@dataclass
class LogCheck:
    """The result of reading all commits, without the summaries beside them.

    Attributes:
        snapshot: the files that make up the lake.
        newest: the newest commit.
        problems: the problems of the log itself.
    """

    snapshot: Snapshot = field(default_factory=Snapshot)
    newest: Commit | None = None
    problems: list[Problem] = field(default_factory=list)


def check_log(layout: LakeLayout) -> LogCheck:
    """Read every commit. The summaries beside the log are only compared: they prove nothing.

    Commits that cannot be read are reported and skipped: their files count as extra files.
    """
    log = CommitLog(layout.commits)
    audit, state = LogCheck(), LogCheckpoint()
    leaving: list[Commit] = []
    summary, saved = _summary(layout, log, audit), saved_snapshot(layout)
    for number in log.numbers():
        audit.problems += _missing(layout, after=state.number, before=number)
        state.number = audit.snapshot.number = number
        commit = _read(layout, log, number, audit)
        if commit is not None:
            state.apply(commit)
            audit.snapshot.apply_all([commit])
            audit.newest = commit
            if commit.left_out or commit.reread:
                leaving.append(commit)
        if audit.problems:
            continue
        if number == summary.number and state != summary:
            audit.problems.append(_wrong_summary(layout, SUMMARY))
        if number == saved.number and audit.snapshot != saved:
            audit.problems.append(_wrong_summary(layout, SAVED_AS))
    audit.problems += _missing(layout, after=state.number, before=summary.number + 1)
    audit.problems += left_out_problems(layout, leaving)
    return audit


def _summary(layout: LakeLayout, log: CommitLog, audit: LogCheck) -> LogCheckpoint:
    try:
        return log.saved_state()
    except LakeDamaged:
        audit.problems.append(_wrong_summary(layout, SUMMARY))
        return LogCheckpoint()


def _read(layout: LakeLayout, log: CommitLog, number: int, audit: LogCheck) -> Commit | None:
    try:
        commit = log.read(number)
    except LakeDamaged as error:
        audit.problems.append(
            Problem(ProblemKind.UNREADABLE_COMMIT, _name(layout, number), str(error))
        )
        return None
    if commit is not None and commit.number != number:
        advice = f"It holds commit {commit.number}. Restore it from a copy."
        audit.problems.append(Problem(ProblemKind.UNREADABLE_COMMIT, _name(layout, number), advice))
        return None
    return commit


def _missing(layout: LakeLayout, after: int, before: int) -> Iterator[Problem]:
    for number in range(after + 1, before):
        yield Problem(
            ProblemKind.MISSING_COMMIT,
            _name(layout, number),
            "Restore it from a copy; until then it is unknown what it landed.",
        )


def _wrong_summary(layout: LakeLayout, name: str) -> Problem:
    return Problem(
        ProblemKind.WRONG_SUMMARY,
        layout.relative(layout.commits / name),
        "It does not match the commits. Stop the writers, remove it, and start them again.",
    )


def _name(layout: LakeLayout, number: int) -> str:
    return layout.relative(CommitLog(layout.commits).path(number))
