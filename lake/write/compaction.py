"""Compaction: merges the many small files of a closed hour into one, sorted by trade id.

Trades that arrive late for such an hour make a second file in its folder, and the next run merges
it too. Each folder is one commit in the maintenance role, so a stream may run at the same time. A
kill at any point leaves either the old files or the new one (`lake.write.publishing` says what
readers see).
"""

import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lake.errors import LakeDamaged
from lake.layout import LakeLayout, hour_of_path
from lake.log.commit import DataFile
from lake.log.snapshot import Snapshot
from lake.settings import Compression
from lake.storage.checksum import checksum
from lake.storage.local_files import storage_errors
from lake.write.batch import Batch
from lake.write.parquet import write_sorted
from lake.write.writer import LakeWriter

__all__ = [
    "Compacted",
    "Compaction",
    "crowded_folders",
    "merge",
    "read_committed",
    "together",
]

_READERS_GRACE = 60.0
"""Seconds for which replaced files are kept, for readers that have already listed them."""


@dataclass(frozen=True)
class Compacted:
    """The result for one folder.

    Attributes:
        folder: its path, relative to BASE_OUTPUT_PATH.
        trades: rows in it.
        files: how many files held them before.
        bytes_before: the size of those files.
        bytes_after: the size of the merged file.
    """

    folder: str
    trades: int
    files: int
    bytes_before: int
    bytes_after: int


def crowded_folders(files: Iterable[DataFile], closed_by: datetime) -> list[tuple[DataFile, ...]]:
    """Group the files of folders that hold several and whose hour had ended, oldest hour first."""
    folders: dict[str, list[DataFile]] = {}
    for file in files:
        folders.setdefault(file.folder, []).append(file)
    crowded = [
        tuple(inside)
        for folder, inside in folders.items()
        if len(inside) > 1 and hour_of_path(folder) + timedelta(hours=1) <= closed_by
    ]
    return sorted(crowded, key=lambda inside: (hour_of_path(inside[0].path), inside[0].symbol))


def merge(base: Path, files: Iterable[DataFile], target: Path, compression: Compression) -> None:
    """Write the rows of several files as one, sorted by trade id, and read it back.

    A column that only some files have is null in the rows of the others, as it was for readers.

    Raises:
        LakeDamaged: A file is not what its commit says, or the new file does not read back as it
            was written.
    """
    merged = together([read_committed(base, file) for file in files]).sort_by("trade_id")
    target.parent.mkdir(parents=True)
    # Written once, and read for years.
    write_sorted(merged, target, compression, thorough=True)
    if not pq.read_table(target, partitioning=None).equals(merged):
        raise LakeDamaged(f"{target} does not read back as it was written. Check the disk.")


def together(parts: "list[pa.Table]") -> "pa.Table":
    """Concatenate tables; the result has every column that any of them has.

    Raises:
        LakeDamaged: A column has types that cannot be unified.
    """
    try:
        return pa.concat_tables(parts, promote_options="permissive")
    except pa.ArrowException as error:
        raise LakeDamaged(
            f"a column has types that cannot be unified ({error}); its folder is left as it is."
        ) from error


def read_committed(base: Path, file: DataFile) -> "pa.Table":
    """Read the rows of one file after checking that it is the file that was committed.

    Raises:
        LakeDamaged: It is missing, unreadable, or not what its commit says.
    """
    path = base / file.path
    try:
        # Otherwise a corrupt byte would be copied into a file with a valid checksum.
        if file.checksum and checksum(path) != file.checksum:
            raise LakeDamaged(_not_readable(file, "its content has changed"))
        part = pq.read_table(path, partitioning=None)
    except (OSError, pa.ArrowException) as error:
        raise LakeDamaged(_not_readable(file, str(error))) from error
    if part.num_rows != file.rows:
        raise LakeDamaged(_not_readable(file, f"{part.num_rows} rows, not {file.rows}"))
    # Spark writes each file's own columns into this metadata, and would trust it.
    return part.replace_schema_metadata(None)


class Compaction:
    """Compacts one folder after another.

    Args:
        layout: the lake.
        writer: a writer in the maintenance role.
        compression: the codec of the merged files.
    """

    def __init__(self, layout: LakeLayout, writer: LakeWriter, compression: Compression) -> None:
        self._layout = layout
        self._writer = writer
        self._compression: Compression = compression
        self._replaced: list[tuple[float, Path]] = []

    def run(self, snapshot: Snapshot, closed_by: datetime) -> Iterator[Compacted | LakeDamaged]:
        """Compact every crowded folder, and yield each result.

        A folder whose files are damaged is left as it is, and its error is yielded.
        """
        for number, files in enumerate(crowded_folders(snapshot.files.values(), closed_by)):
            try:
                yield self._compact(number, files)
            except LakeDamaged as error:
                yield error
            self._drop_replaced()

    def _compact(self, number: int, files: tuple[DataFile, ...]) -> Compacted:
        folder = files[0].folder
        _refuse_folders(self._layout.base / folder)
        staging = self._writer.staging_folder(number)
        target = staging / "trades" / "merged.parquet"
        in_trades = Path(folder).relative_to(self._layout.relative(self._layout.trades))
        batch = Batch(
            folder=staging,
            trade_files={target: in_trades.as_posix()},
            expected_trades=sum(file.rows for file in files),
            expected_quarantined=0,
            replaced_files=files,
        )
        with storage_errors(self._layout.platform):
            merge(self._layout.base, files, target, self._compression)
        commit = self._writer.commit(batch)
        self._replaced.append((time.monotonic(), batch.folder))
        return Compacted(
            folder=folder,
            trades=commit.rows,
            files=len(files),
            bytes_before=sum(file.bytes for file in files),
            bytes_after=sum(file.bytes for file in commit.files),
        )

    def _drop_replaced(self) -> None:
        """Remove files replaced longer ago than the grace period; the next run removes the rest."""
        now = time.monotonic()
        while self._replaced and now - self._replaced[0][0] > _READERS_GRACE:
            shutil.rmtree(self._replaced.pop(0)[1], ignore_errors=True)


def _refuse_folders(folder: Path) -> None:
    """Refuse a folder that has subfolders: the swap can carry over stray files, not folders."""
    strays = [path.name for path in folder.iterdir() if path.is_dir()]
    if strays:
        raise LakeDamaged(f"{folder} holds folders that are not the lake's: move {strays} away")


def _not_readable(file: DataFile, why: str) -> str:
    return (
        f"{file.path} is not what its commit says ({why}); its folder is left as it is. "
        "`python -m lake verify` names all such files."
    )
