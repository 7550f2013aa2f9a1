"""What each Spark task does with its decoded records: trades become Parquet files under staging.

Spark hands the records over as Arrow batches, in which a column is one piece of memory: to sort
them, to cut them by folder and to write them takes a third of what Spark's own writer takes, and
the files come out as compaction writes them, but for their levels of zstd.
"""

import gc
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from zipimport import zipimporter

import pyarrow as pa
import pyarrow.compute as pc
from pyspark import TaskContext
from pyspark.sql.types import ArrayType, BinaryType, LongType, StringType, StructType

from lake.settings import Compression
from lake.write.parquet import write_sorted
from lake.write.partitioning import by_folder
from spark_consumer.decode.names import IS_TRADE, NOTED_HEADER

__all__ = ["REPORT", "ParquetTask"]

REPORT: Final = (
    StructType()
    .add("rows", LongType())
    .add("trades", LongType())
    .add("unseen", ArrayType(BinaryType()))
    .add("files", ArrayType(StringType()))
)
"""What a task returns, one row: how many records it had, how many of them are trades, the headers
noted, each once, and the files that it wrote: for each its partition folders in the lake,
then its name."""

_MOST_ROWS: Final = 500_000
_MOST_BYTES: Final = 256 << 20
"""A task that has more of either writes them in several goes, so that its memory stays bounded."""


@dataclass(frozen=True)
class ParquetTask:
    """One batch's way to files, the same for all of its tasks.

    Attributes:
        folder: where the files go, side by side, so that one flush makes all names durable.
        compression: of the files.
    """

    folder: Path
    compression: Compression

    def run(self, batches: Iterable["pa.RecordBatch"]) -> Iterable["pa.RecordBatch"]:
        """Write a task's trades, and report.

        Args:
            batches: one column, a struct of the event's fields, `IS_TRADE` and `NOTED_HEADER`.

        Yields:
            The report, in the columns of `REPORT`.
        """
        report = _Report()
        try:
            self._stage(batches, report)
        except BaseException:
            # It is run again, and may need the room.
            for path in report.files:
                (self.folder / PurePosixPath(path).name).unlink(missing_ok=True)
            raise
        _forget_zip_archives()
        _freeze_what_is_loaded()
        yield report.record_batch()

    def _stage(self, batches: Iterable["pa.RecordBatch"], report: "_Report") -> None:
        waiting: list[pa.RecordBatch] = []
        rows = size = 0
        for bundled in batches:
            batch = pa.RecordBatch.from_struct_array(bundled.column(0))  # type: ignore[arg-type]  # it is one
            is_trade = batch.column(IS_TRADE)
            trades = batch if report.count(batch) else batch.filter(is_trade)
            waiting.append(trades)
            rows, size = rows + trades.num_rows, size + trades.nbytes
            if rows >= _MOST_ROWS or size >= _MOST_BYTES:
                self._write(waiting, report)
                waiting, rows, size = [], 0, 0
        self._write(waiting, report)

    def _write(self, parts: "list[pa.RecordBatch]", report: "_Report") -> None:
        """Write the trades, a file a folder."""
        if not any(part.num_rows for part in parts):
            return
        trades = pa.Table.from_batches(parts).drop_columns([IS_TRADE, NOTED_HEADER])
        self.folder.mkdir(parents=True, exist_ok=True)
        # An attempt of its own, or two of one task would share names.
        attempt = TaskContext.get().taskAttemptId()  # type: ignore[union-attr]  # a task has one
        for folder, inside in by_folder(trades):
            name = f"part-{attempt:08d}-{len(report.files):05d}.parquet"
            report.files.append(f"{folder}/{name}")
            write_sorted(inside, self.folder / name, self.compression)


class _Report:
    """What a task has seen and done so far."""

    def __init__(self) -> None:
        self.rows = 0
        self.trades = 0
        self.unseen: set[bytes] = set()
        self.files: list[str] = []

    def count(self, batch: "pa.RecordBatch") -> bool:
        """Count in a batch; whether all of it are trades."""
        trades = pc.sum(batch.column(IS_TRADE), min_count=0).as_py()
        self.rows += batch.num_rows
        self.trades += trades
        unseen = batch.column(NOTED_HEADER)
        if unseen.null_count < batch.num_rows:
            self.unseen |= {header for header in unseen.unique().to_pylist() if header is not None}
        return bool(trades == batch.num_rows)

    def record_batch(self) -> "pa.RecordBatch":
        return pa.RecordBatch.from_pydict(
            {
                "rows": pa.array([self.rows], pa.int64()),
                "trades": pa.array([self.trades], pa.int64()),
                "unseen": pa.array([sorted(self.unseen)], pa.list_(pa.binary())),
                "files": pa.array([self.files], pa.list_(pa.string())),
            }
        )


def _forget_zip_archives() -> None:
    """Spare the next task the tables of contents of Spark's own archives.

    A Python worker of Spark invalidates Python's import caches before each task, and Python 3.11
    reads each archive on its path anew for it: a tenth of a second, more than a small batch takes.
    Whatever is imported from an archive afterwards makes Python look at it again.
    """
    for path, finder in list(sys.path_importer_cache.items()):
        if isinstance(finder, zipimporter):
            del sys.path_importer_cache[path]


def _freeze_what_is_loaded() -> None:
    """Spare the next tasks a look at each object of each module that this process has loaded.

    A Python worker of Spark has all garbage collected after each task, which looks at every object
    that there is, ninety thousand of pandas and others: 0.04 s, more than all else that Python does
    for a small batch. What is frozen is not looked at, and never freed: so this is done once, when
    nothing is garbage.
    """
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
