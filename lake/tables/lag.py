"""How far a table is behind the lake."""

from dataclasses import dataclass
from datetime import datetime

from lake.log.commit_log import CommitLog
from lake.tables.table import LakeTable, Position

__all__ = ["TableLag", "lag_at", "lag_of"]


@dataclass(frozen=True)
class TableLag:
    """How far a table is behind the lake.

    Attributes:
        position: where the table is; None if there is none.
        newest: the lake's newest commit.
        commits: how many commits the table lacks.
        seconds: for how long the oldest of them has been there; 0 if it lacks none.
    """

    position: Position | None
    newest: int
    commits: int
    seconds: float


def lag_of(table: LakeTable, log: CommitLog, newest: int, now: datetime) -> TableLag:
    """Compare a table with the commit log.

    Args:
        table: the table.
        log: the commit log.
        newest: the newest commit.
        now: the time, UTC.

    Raises:
        TableDamaged: The table cannot be read.
        CatalogUnavailable: Its catalog does not answer.
        LakeDamaged: A commit is unreadable.
    """
    return lag_at(table.position(), log, newest, now)


def lag_at(position: Position | None, log: CommitLog, newest: int, now: datetime) -> TableLag:
    """Return how far a position is behind the newest commit.

    Raises:
        LakeDamaged: A commit is unreadable.
    """
    held = position.commit if position else 0
    commits = max(0, newest - held)
    return TableLag(position, newest, commits, _waited(log, held, newest, now) if commits else 0.0)


def _waited(log: CommitLog, held: int, newest: int, now: datetime) -> float:
    """Return the age of the oldest commit after one; of the oldest that is kept, if it is not."""
    for number in (held + 1, log.folded() + 1, newest):
        commit = log.read(number)
        if commit is not None:
            return max(0.0, (now - commit.committed_at).total_seconds())
    return 0.0
