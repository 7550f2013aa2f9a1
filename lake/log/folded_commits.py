"""What is still known of single commits, of which some are folded."""

from collections.abc import Iterator
from datetime import datetime

from lake.errors import LakeDamaged, LakeMissing
from lake.id_ranges import IdRanges
from lake.log.commit import Commit, CommitRange, Role
from lake.log.commit_log import CommitLog

__all__ = ["commits_in", "newest_time"]


def commits_in(log: CommitLog, wanted: CommitRange) -> Iterator[Commit]:
    """Yield the commits of a range, as far as there are any. All of them must have been kept.

    Of folded commits, only those that left fields out are kept, until they are read again.

    Raises:
        CommitsFolded: They were folded while they were read.
        LakeMissing: One of them is folded.
        LakeDamaged: One of them is unreadable or missing.
    """
    folded = log.folded()
    if wanted.first > folded:
        yield from log.commits(after=wanted.first - 1, up_to=wanted.last)
        return
    header = log.manifests.newest_header()
    kept = IdRanges(header.left_out if header else ())
    for number in range(wanted.first, wanted.last + 1):
        if number <= folded and number not in kept:
            raise LakeMissing(
                f"commit {number} is folded: which offsets it covers is not known any more. "
                f"Commits after {folded} can be read again, and those that left fields out; "
                "`python -m lake verify` names these. LOG_RETENTION_HOURS says how long commits "
                "are kept."
            )
        commit = log.read(number)
        if commit is None and number <= folded:
            raise LakeDamaged(f"{log.path(number)} is missing. Restore it from a copy.")
        if commit is None:
            return
        yield commit


def newest_time(log: CommitLog, role: Role, newest: int) -> datetime | None:
    """Return when a role last committed; None if it never has.

    Args:
        log: the commit log.
        role: the role.
        newest: the newest commit of the log, of any role.
    """
    header = log.manifests.newest_header()
    before = header.state.number if header else 0
    for number in range(newest, before, -1):
        commit = log.read(number)
        if commit is not None and commit.role is role:
            return commit.committed_at
    known = header.newest.get(role) if header else None
    return None if known is None else known.committed_at
