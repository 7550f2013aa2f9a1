"""Which snapshots and which files of its own a table does not need any more."""

from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from pyiceberg.io import FileIO
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.snapshots import Snapshot

from lake.tables.iceberg.file_io import METADATA_FOLDER, to_location, to_path

__all__ = ["NEWEST", "drop_unneeded_files", "expired", "metadata_files"]

NEWEST: Final = 50
"""Snapshots that are always kept. All of them are in the metadata, which each change writes."""

_OLDER: Final = 50
"""Snapshots that are kept of those before, evenly spread over the retention."""


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
        io: reads lists of manifests, and removes files.
        older_than: only files from before this time are removed, in Unix seconds: another process
            may be about to name a younger one.

    Raises:
        FileNotFoundError: A list of manifests is gone.
    """
    folder = to_path(metadata.location) / METADATA_FOLDER
    needed = _needed(metadata, current, io)
    gone = 0
    for path in _files(folder):
        location = to_location(path)
        if location not in needed and path.stat().st_mtime < older_than:
            io.delete(location)
            gone += 1
    return gone


def metadata_files(location: str) -> list[Path]:
    """Return the files, one for each version, that say what a table at this location holds."""
    return list((to_path(location) / METADATA_FOLDER).glob("*.metadata.json"))


def _needed(metadata: TableMetadata, current: str, io: FileIO) -> Collection[str]:
    needed = {current, *(one.metadata_file for one in metadata.metadata_log)}
    for snapshot in metadata.snapshots:
        needed.add(snapshot.manifest_list)
        needed.update(manifest.manifest_path for manifest in snapshot.manifests(io))
    return needed


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix in {".avro", ".json"}]
