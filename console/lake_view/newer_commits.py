"""The commits after those that are known, in few requests where each is paid for."""

from collections.abc import Iterator
from typing import Final

from lake.errors import CommitsFolded, LakeError
from lake.log.commit import Commit
from lake.log.commit_log import CommitLog
from lake.storage.object_path import ObjectPath

__all__ = ["missing_commit", "newer_commits"]

_ONE_BY_ONE: Final = 16
"""So many commits are asked for one after the other; more are listed and read several at once."""
_GAP_LOOK: Final = 10


def newer_commits(log: CommitLog, number: int) -> Iterator[Commit]:
    """Yield the commits after one number, in order.

    In an object store that is one request if there are none, or if the next one has been folded.
    Listing them, as `CommitLog.commits` does, costs some forty times as much there.

    Raises:
        CommitsFolded: They have been folded.
        LakeDamaged: A file is no commit.
        StoreRefused: The store refused or did not answer.
    """
    if not isinstance(log.folder, ObjectPath):
        yield from log.commits(after=number)
        return
    found = _first_of(log, number)
    if len(found) == _ONE_BY_ONE:
        yield from log.commits(after=number)
    elif found:
        # Looked for after reading: what was read may have been folded before, and be another
        # writer's that is not part of the log.
        if (folded := log.folded()) > number:
            raise CommitsFolded(f"the commits up to {folded} are folded: the lake is read anew.")
        yield from found


def _first_of(log: CommitLog, number: int) -> list[Commit]:
    found: list[Commit] = []
    while len(found) < _ONE_BY_ONE:
        try:
            commit = log.read(number + len(found) + 1)
        except LakeError:
            if not found:
                raise
            break  # The next look begins with it.
        if commit is None:
            break
        found.append(commit)
    return found


def missing_commit(log: CommitLog, newest: int) -> str:
    """Say which commit is missing after the newest one, if there are some beyond it."""
    absent = newest + 1
    if isinstance(log.folder, ObjectPath):
        beyond = log.numbers(after=absent)[:1]
    else:
        beyond = [n for n in range(absent + 1, absent + _GAP_LOOK) if log.reaches(n)]
    if not beyond or log.reaches(absent):
        return ""
    return (
        f"Commit {absent} is missing in {log.folder}, but {beyond[0]} is there. "
        "Restore it from a copy: the log is read in order."
    )
