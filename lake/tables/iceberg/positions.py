"""Which commit of the lake a table holds, and held."""

from pyiceberg.table import Table

from lake.tables.iceberg.snapshots import commit_of
from lake.tables.table import Position

__all__ = ["newest_up_to", "position_of"]


def position_of(table: Table) -> Position:
    """Return how far a table has come; commit 0 if it has no snapshot of ours."""
    newest = table.current_snapshot()
    if newest is None:
        return Position(0, 0)
    snapshot = newest
    while (commit := commit_of(snapshot)) is None:
        parent = snapshot.parent_snapshot_id
        before = None if parent is None else table.snapshot_by_id(parent)
        if before is None:
            return Position(newest.snapshot_id, 0, only_ours=False)
        snapshot = before
    return Position(newest.snapshot_id, commit, only_ours=snapshot is newest)


def newest_up_to(table: Table, commit: int) -> Position | None:
    """Return the newest version that holds no commit after this one; None if none is kept."""
    held = [
        Position(snapshot.snapshot_id, number)
        for snapshot in table.snapshots()
        if (number := commit_of(snapshot)) is not None and number <= commit
    ]
    return max(held, key=lambda one: (one.commit, one.version), default=None)
