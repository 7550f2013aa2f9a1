"""Which snapshots and which files of its own a table does not need any more."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from pyiceberg.io import FileIO
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.snapshots import Snapshot

from lake.storage.object_path import LakePath
from lake.storage.operations import remove
from lake.tables.iceberg.locations import files_in, to_location

__all__ = ["NEWEST", "drop_unneeded_files", "expired", "metadata_files"]

NEWEST: Final = 50
"""Snapshots that are always kept. All of them are in the metadata, which each change writes."""

_OLDER: Final = 50
"""Snapshots that are kept of those before, evenly spread over the retention."""

_OURS: Final = frozenset({".avro", ".json"})


def expired(snapshots: Iterable[Snapshot], keep_from: datetime, now: datetime) -> list[int]:
    """Return the ids of the snapshots that are not kept.

    Kept are the newest ones, and of the others the newest of each fiftieth of the retention.

    Args:
        snapshots: those of the table, in any order.
        keep_from: snapshots from before this time are not kept, UTC.
        now: the time, UTC.
    """
    ordered = sorted(snapshots, key=lambda one: one.sequence_number or 0, reverse=True)
    first = int(keep_from.timestamp() * 1000)
    step = max(1, (int(now.timestamp() * 1000) - first) // _OLDER)
    gone, slots = [], set()
    for one in ordered[NEWEST:]:
        slot = one.timestamp_ms // step
        if one.timestamp_ms < first or slot in slots:
            gone.append(one.snapshot_id)
        slots.add(slot)
    return gone


def drop_unneeded_files(
    metadata: TableMetadata, current: str, io: FileIO, older_than: float
) -> int:
    """Remove files of the table's metadata that no kept snapshot needs; return how many.

    What killed processes left is among them. Data files lie elsewhere, and are never looked at.

    Args:
        metadata: the table's newest metadata.
        current: the location of that metadata.
        io: reads lists of manifests.
        older_than: only files from before this time are removed, in Unix seconds: another process
            may be about to name a younger one.

    Raises:
        FileNotFoundError: A list of manifests is gone.
    """
    needed = _needed(metadata, current, io)
    gone = [
        path
        for path, written_at in files_in(metadata.location)
        if path.suffix in _OURS and written_at < older_than and to_location(path) not in needed
    ]
    remove(gone)
    return len(gone)


def metadata_files(location: str) -> list[LakePath]:
    """Return the files, one for each version, that say what a table at this location holds."""
    return [path for path, _ in files_in(location) if path.name.endswith(".metadata.json")]


def _needed(metadata: TableMetadata, current: str, io: FileIO) -> Collection[str]:
    needed = {current, *(one.metadata_file for one in metadata.metadata_log)}
    for snapshot in metadata.snapshots:
        needed.add(snapshot.manifest_list)
        needed.update(manifest.manifest_path for manifest in snapshot.manifests(io))
    return needed
