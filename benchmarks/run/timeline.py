"""When how many rows had become visible, read from what a program left behind.

Nothing watches while the program runs: a plain file's inode change time is the moment of its last
rename or, where it was written in place, of its last byte.
"""

import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["Timeline", "of_files", "of_progress", "of_snapshots", "parquet_files"]

_NEARLY: Final = 0.99
"""The control records of transactions take offsets: a batch of a million of them is a few rows
short of a million, and the last batch has no more than those few."""


@dataclass(frozen=True)
class Timeline:
    """Moments, rising, and how many rows were visible from then on.

    Attributes:
        points: Unix seconds and rows.
    """

    points: Sequence[tuple[float, int]]

    @classmethod
    def adding(cls, arrivals: Iterable[tuple[float, int]]) -> "Timeline":
        """From moments, in any order, and how many rows each brought."""
        moments = sorted(arrivals)
        sums = accumulate(rows for _, rows in moments)
        return cls([(at, total) for (at, _), total in zip(moments, sums, strict=True)])

    @property
    def rows(self) -> int:
        """All of them."""
        return self.points[-1][1] if self.points else 0

    def reaching(self, rows: int) -> tuple[float, int] | None:
        """Return the first point with nearly so many rows; None where there is none."""
        return next((point for point in self.points if point[1] >= _NEARLY * rows), None)

    def rate(self, after: int) -> float | None:
        """Rows a second from the point with so many to nearly all; None if they came at once."""
        first, last = self.reaching(after), self.reaching(self.rows)
        if first is None or last is None or last[0] <= first[0]:
            return None
        return (last[1] - first[1]) / (last[0] - first[0])


def parquet_files(folder: Path) -> list[Path]:
    """Return the Parquet files below a folder that a reader lists: none that is hidden.

    Folders may come and go meanwhile: walking passes over those that have gone.
    """
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]
        found += [
            Path(parent, name)
            for name in names
            if name.endswith(".parquet") and not name.startswith((".", "_"))
        ]
    return found


def of_files(folder: Path) -> Timeline:
    """From the plain Parquet files below a folder, without those that are half written."""
    arrivals = []
    for path in parquet_files(folder):
        try:
            arrivals.append((path.stat().st_ctime, pq.read_metadata(path).num_rows))
        except (pa.ArrowInvalid, FileNotFoundError):
            continue
    return Timeline.adding(arrivals)


def of_progress(file: Path) -> Timeline:
    """From lines of JSON, such as `{"at": 1769731200.5, "rows": 1000}`, that a program wrote."""
    if not file.exists():
        return Timeline([])
    lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return Timeline.adding((line["at"], line["rows"]) for line in lines)


def of_snapshots(table: Path) -> Timeline:
    """From the snapshots in the newest metadata of an Iceberg table.

    It is `vN.metadata.json` where the catalog is a folder, `N-UUID.metadata.json` elsewhere.
    """
    files = table.glob("metadata/*.metadata.json")
    versions = {int(re.findall(r"\d+", file.name)[0]): file for file in files}
    if not versions:
        return Timeline([])
    metadata = json.loads(versions[max(versions)].read_text(encoding="utf-8"))
    return Timeline.adding(
        (snapshot["timestamp-ms"] / 1000, int(snapshot["summary"].get("added-records", 0)))
        for snapshot in metadata.get("snapshots", [])
    )
