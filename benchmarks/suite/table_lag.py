"""When a lake's files could be listed, and when its tables had them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyiceberg.manifest import ManifestEntryStatus
from pyiceberg.table import StaticTable

from lake.tables.delta.actions import to_path as to_lake_path
from lake.tables.iceberg.locations import to_path
from lake.tables.table import TableFormat

__all__ = ["FOLLOWED", "Followed", "lateness"]

Versions = Iterator[tuple[float, list[Path]]]
"""For each version of a table when it was there, in Unix seconds, and the files that joined."""


@dataclass(frozen=True)
class Followed:
    """A table that is kept up to date beside a stream.

    Attributes:
        key: What the names of its figures begin with.
        format: What the table is.
        pattern: Of the files, below the lake's folder, that each version adds.
        versions: Reads these files.
    """

    key: str
    format: TableFormat
    pattern: str
    versions: Callable[[Path, str], Versions]

    def has_begun(self, base: Path) -> bool:
        """Return whether the table of the lake in this folder has a version."""
        return any(base.glob(self.pattern))


def lateness(table: Followed, base: Path, window: tuple[float, float]) -> Iterator[float]:
    """Yield the seconds from when a file could be listed to when a version had it.

    Args:
        table: The table.
        base: The lake's folder.
        window: Start and end of the time in which files count, unix seconds.
    """
    for in_table, files in table.versions(base, table.pattern):
        for file in files:
            visible = file.stat().st_ctime
            if window[0] <= visible < window[1]:
                yield in_table - visible


def _delta(base: Path, pattern: str) -> Versions:
    for version in sorted(base.glob(pattern)):
        actions = map(json.loads, version.read_text(encoding="utf-8").splitlines())
        added = [base / to_lake_path(one["add"]["path"]) for one in actions if "add" in one]
        yield version.stat().st_ctime, added


def _iceberg(base: Path, pattern: str) -> Versions:
    # The catalog names the metadata some milliseconds after it was written.
    read = set()
    for path in sorted(base.glob(pattern)):
        table = StaticTable.from_metadata(str(path))
        snapshot = table.current_snapshot()
        if snapshot is None or snapshot.snapshot_id in read:
            continue
        read.add(snapshot.snapshot_id)
        added = [
            Path(str(to_path(entry.data_file.file_path)))
            for manifest in snapshot.manifests(table.io)
            if manifest.added_snapshot_id == snapshot.snapshot_id
            for entry in manifest.fetch_manifest_entry(table.io)
            if entry.status is ManifestEntryStatus.ADDED
        ]
        yield path.stat().st_ctime, added


FOLLOWED: Final = (
    Followed("tables", TableFormat.DELTA, "_delta_log/*.json", _delta),
    Followed(
        "tables.iceberg",
        TableFormat.ICEBERG,
        "_iceberg/KRAKEN/metadata/*.metadata.json",
        _iceberg,
    ),
)
