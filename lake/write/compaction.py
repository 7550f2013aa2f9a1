"""Compaction: merges the many small files of a closed hour into one, sorted by trade id.

Trades that arrive late for such an hour make a second file in its folder, and the next run merges
it too. Of an hour that is still open, some files are merged (`lake.write.open_hours`). Each folder
is one commit in the maintenance role, so a stream may run at the same time. A kill at any point
leaves either the old files or the new one (`lake.write.publishing` says what readers see).
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lake.errors import LakeDamaged
from lake.layout import LakeLayout, partition_of
from lake.log.commit import DataFile, Role
from lake.log.snapshot import Snapshot
from lake.settings import Compression
from lake.storage.checksum import checksum_of
from lake.storage.local_files import storage_errors
from lake.storage.object_path import LakePath, ObjectPath
from lake.storage.operations import parquet_source
from lake.storage.parallel import in_parallel
from lake.write.batch import Batch
from lake.write.closed_hours import crowded_folders, live_folders
from lake.write.replaced_files import drop_old_batches
from lake.write.staged_files import StagedFile, stage_trades
from lake.write.store.keys import trade_file
from lake.write.writer import LakeWriter

__all__ = [
    "Compacted",
    "Compaction",
    "merge",
    "read_committed",
    "together",
]


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


def merge(
    base: LakePath,
    files: Sequence[DataFile],
    target: LakePath,
    compression: Compression,
    *,
    thorough: bool,
) -> StagedFile:
    """Write the rows of several files of one folder as one, sorted by trade id, and read it back.

    A column that only some files have is null in the rows of the others, as it was for readers.

    Raises:
        LakeDamaged: A file is not what its commit says, or the new file does not read back as it
            was written.
    """
    in_store = isinstance(base, ObjectPath)
    parts = (in_parallel if in_store else map)(partial(read_committed, base), files)
    merged = together(list(parts)).sort_by("trade_id")
    target.parent.mkdir(parents=True)
    in_trades = partition_of(files[0].folder)
    staged = stage_trades(merged, target, in_trades, compression, thorough=thorough)
    if not pq.read_table(parquet_source(target), partitioning=None).equals(merged):
        raise LakeDamaged(f"{target} does not read back as it was written. Check the disk.")
    return staged


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


def read_committed(base: LakePath, file: DataFile) -> "pa.Table":
    """Read the rows of one file after checking that it is the file that was committed.

    Raises:
        LakeDamaged: It is missing, unreadable, or not what its commit says.
    """
    path = base / file.path
    try:
        content = path.read_bytes()
        # Otherwise a corrupt byte would be copied into a file with a valid checksum.
        if file.checksum and checksum_of(content) != file.checksum:
            raise LakeDamaged(_not_readable(file, "its content has changed"))
        # Not `pq.read_table`, which takes four times as long for a small file.
        with pq.ParquetFile(pa.BufferReader(content)) as opened:
            part = opened.read()
    except (OSError, pa.ArrowException) as error:
        raise LakeDamaged(_not_readable(file, str(error))) from error
    if part.num_rows != file.rows:
        raise LakeDamaged(_not_readable(file, f"{part.num_rows} rows, not {file.rows}"))
    # Spark writes each file's own columns into this metadata, and would trust it.
    return part.replace_schema_metadata(None)


class Compaction:
    """Merges files, one folder after another.

    Args:
        layout: the lake.
        writer: a writer in the maintenance role.
        compression: the codec of the merged files.
    """

    def __init__(self, layout: LakeLayout, writer: LakeWriter, compression: Compression) -> None:
        self._layout = layout
        self._writer = writer
        self._compression: Compression = compression
        self._numbers = count()

    def run(self, snapshot: Snapshot, closed_by: datetime) -> Iterator[Compacted | LakeDamaged]:
        """Compact every crowded folder, and yield each result.

        In an object store, every hour that has live files is closed instead: they become one object
        in the readers' folder.

        A folder whose files are damaged is left as it is, and its error is yielded.
        """
        files = snapshot.files.values()
        yield from self.merge_each(
            live_folders(self._layout, files, closed_by)
            if self._layout.is_on_store
            else crowded_folders(files, closed_by),
            thorough=True,  # Written once, and read for years.
        )

    def merge_each(
        self, groups: Iterable[tuple[DataFile, ...]], *, thorough: bool
    ) -> Iterator[Compacted | LakeDamaged]:
        """Merge groups of files, each of one folder, and yield each result.

        A folder whose files are damaged is left as it is, and its error is yielded.

        Args:
            groups: the files; all of them are in place.
            thorough: as in `write_sorted`, and the hour is closed: in an object store the merged
                file goes to the readers' folder, otherwise it stays among the live ones.
        """
        for files in groups:
            try:
                yield self._merge(files, thorough=thorough)
            except LakeDamaged as error:
                if self._layout.is_on_store:
                    # If another run of maintenance has removed what it replaced, that is the error.
                    self._writer.settle()
                yield error
            staging = self._layout.staging(Role.MAINTENANCE)
            if isinstance(staging, Path):
                drop_old_batches(staging)

    def _merge(self, files: tuple[DataFile, ...], *, thorough: bool) -> Compacted:
        folder = files[0].folder
        in_place = self._layout.base / folder
        if isinstance(in_place, Path):
            _refuse_folders(in_place)
        staging = self._writer.staging_folder(next(self._numbers))
        target = staging / "trades" / "merged.parquet"
        if self._layout.is_on_store and not thorough:
            target = trade_file(staging, partition_of(folder), secrets.token_hex(4))
        with storage_errors(self._layout.platform):
            merged = merge(self._layout.base, files, target, self._compression, thorough=thorough)
        batch = Batch(
            folder=staging,
            trade_files=[merged],
            expected_trades=sum(file.rows for file in files),
            expected_quarantined=0,
            replaced_files=files,
        )
        commit = self._writer.commit(batch)
        return Compacted(
            folder=folder,
            trades=commit.rows,
            files=len(files),
            bytes_before=sum(file.bytes for file in files),
            bytes_after=sum(file.bytes for file in commit.files),
        )


def _refuse_folders(folder: Path) -> None:
    """Refuse a folder that has subfolders: the swap can carry over stray files, not folders."""
    strays = [path.name for path in folder.iterdir() if path.is_dir()]
    if strays:
        raise LakeDamaged(f"{folder} holds folders that are not the lake's: move {strays} away")


def _not_readable(file: DataFile, why: str) -> str:
    return (
        f"{file.path} is not what its commit says ({why}); its folder is left as it is. "
        "`kraken-lake verify` names all such files."
    )
