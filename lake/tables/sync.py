"""Brings a table to the lake's newest commit.

The table says which commit it holds, and one version of it takes it to a later one, with the files
and the commit's number in one step. Killed before that step, nothing has happened; killed after it,
the next call goes on from there. Of two processes that write the same version one is refused, and
looks again. So nothing is lost or doubled, and no process has to know of another; the lock only
saves them from doing the same work, and keeps a rebuilt log apart from one that is replaced. An
object store has no lock: there the table itself finds out that it was replaced.
"""

from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from lake.errors import CommitsFolded, LakeBusy, TableDamaged
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.log.existence import refuse_missing
from lake.log.snapshot import is_prepared, newest_in_place
from lake.storage.local_files import storage_errors
from lake.storage.lock import writer_lock
from lake.storage.object_path import on_disk
from lake.storage.operations import flush
from lake.tables.changes import Change, ChangeBuilder, difference
from lake.tables.columns import columns_of
from lake.tables.table import LakeTable, Position, TableFormat, rebuild_command

__all__ = ["Synced", "lock_file", "rebuild", "sync"]

_MOST_COMMITS: Final = 20_000
"""If the table is further behind, its files are compared with the lake's instead: that takes as
long as the lake is large, and not as long as the table stood still."""
_PATIENCE: Final = 10.0
_ATTEMPTS: Final = 20
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Synced:
    """What one call did.

    Attributes:
        position: where the table is now.
        commits: how many commits of the lake it took in; None if it began, or if files were
            compared.
        added: how many files joined.
        removed: how many left.
    """

    position: Position
    commits: int | None
    added: int
    removed: int


def sync(layout: LakeLayout, table: LakeTable, keep_from: datetime) -> Synced | None:
    """Bring a table to the lake's newest commit whose files are in place.

    Args:
        layout: the lake.
        table: the table; it is made if there is none.
        keep_from: versions from before this time may be dropped, UTC.

    Returns:
        What was done; None if the table holds that commit already.

    Raises:
        LakeMissing: There is no lake.
        LakeDamaged: The commit log or a file of it is unreadable.
        LakeBusy: Another process is at work on the table.
        TableDamaged: The table cannot be read, or holds commits that the lake does not have.
        CatalogUnavailable: The table's catalog does not answer.
        LakeUnwritable: The storage refused a write.
    """
    refuse_missing(layout)
    with storage_errors(layout.base), _lock(layout, table.format):
        done = _sync(layout, table)
        table.tidy(keep_from)
    return done


def rebuild(layout: LakeLayout, table: LakeTable, keep_from: datetime) -> Synced:
    """Write a table anew from the commit log; the lake's files stay as they are.

    Raises:
        LakeMissing, LakeDamaged, LakeBusy, TableDamaged, CatalogUnavailable, LakeUnwritable: As
            `sync`.
    """
    refuse_missing(layout)
    with storage_errors(layout.base), _lock(layout, table.format):
        change = _compared(layout, ())
        flush([layout.commits])
        position = table.rebuild(change, columns_of(layout.base, change.look_into))
        table.tidy(keep_from)
    return Synced(position, None, len(change.added), 0)


def lock_file(layout: LakeLayout, table_format: TableFormat) -> Path:
    """Return the file that whoever writes a table on disk locks: one for all lakes below a folder.

    Each format has its own: a catalog that does not answer must not hold up another table.
    """
    prefix = "" if table_format is TableFormat.DELTA else f"{table_format.value}-"
    return on_disk(layout.base, "A table") / "_platform" / f"{prefix}table-writer.lock"


def _lock(layout: LakeLayout, table_format: TableFormat) -> AbstractContextManager[None]:
    if layout.is_on_store:
        return nullcontext()
    return writer_lock(lock_file(layout, table_format), patience=_PATIENCE)


def _sync(layout: LakeLayout, table: LakeTable) -> Synced | None:
    log = CommitLog(layout.commits)
    for _ in range(_ATTEMPTS):
        position = table.position()
        change, commits = _change(layout, log, table, position)
        if change is None:
            return None
        columns = columns_of(layout.base, change.look_into)
        # A commit may be visible and not durable yet. A power cut that took it, and not the table's
        # version, would leave a table that counts a commit which the lake does not have.
        flush([layout.commits])
        reached = table.append(change, columns, position)
        if reached is not None:
            return Synced(reached, commits, len(change.added), len(change.removed))
    raise LakeBusy(f"other processes wrote to the table in {layout.base} all the time; try again.")


def _change(
    layout: LakeLayout, log: CommitLog, table: LakeTable, position: Position | None
) -> tuple[Change | None, int | None]:
    """Return what the table lacks, and how many commits that is; None if that was not counted."""
    if position is None:
        whole = _compared(layout, ())
        return (whole if whole.last else None), None
    if position.commit and not log.reaches(position.commit):
        raise TableDamaged(
            f"the {table.format.value} table in {layout.base} holds commit {position.commit}, "
            "which the lake does not have. Was the lake restored from a copy, or BASE_OUTPUT_PATH "
            f"changed? If the lake is right, run `{rebuild_command(table.format)}`."
        )
    if position.commit and position.only_ours:
        with suppress(CommitsFolded):
            change = _of_commits(layout, log, position.commit)
            if change is None:
                return None, 0
            if change.last - position.commit < _MOST_COMMITS:
                return change, change.last - position.commit
    compared = _compared(layout, set(table.files()))
    is_newer = compared.last > position.commit or compared.added or compared.removed
    return (compared if is_newer else None), None


def _of_commits(layout: LakeLayout, log: CommitLog, after: int) -> Change | None:
    """Sum up the commits after one, up to the newest whose files are in place.

    Raises:
        CommitsFolded: Some of them are folded.
    """
    builder = ChangeBuilder(after)
    newest = None
    for commit in log.commits(after=after, up_to=after + _MOST_COMMITS):
        if newest is not None:
            builder.apply(newest)
        newest = commit
    # Only the newest commit can be unfinished: whoever writes the next one finishes it first.
    if newest is not None and not any(is_prepared(layout.base, one) for one in newest.files):
        builder.apply(newest)
    return builder.build()


def _compared(layout: LakeLayout, in_table: Collection[str]) -> Change:
    """Compare the table's files with the lake's."""
    snapshot = newest_in_place(layout)
    change = difference(in_table, snapshot, _EPOCH)
    log = CommitLog(layout.commits)
    if snapshot.number and (commit := log.read(snapshot.number)) is not None:
        return replace(
            change,
            committed_at=commit.committed_at,
            source=commit.source,
            position={part: covered.end for part, covered in commit.offsets.items()},
        )
    # The newest commit may be folded.
    if (header := log.manifests.newest_header()) is None:
        return change
    return replace(
        change,
        committed_at=max((one.committed_at for one in header.newest.values()), default=_EPOCH),
        source=header.state.source,
        position=header.state.position,
    )
