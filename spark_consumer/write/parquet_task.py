"""The work of each Spark task: it writes its decoded trades as Parquet files under staging.

Spark passes the records as Arrow batches, in which a column is one block of memory. Sorting them,
splitting them by folder and writing them takes a third of the time of Spark's own writer, and the
files are like those of compaction except for the zstd levels.
"""

import gc
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from zipimport import zipimporter

import pyarrow as pa
import pyarrow.compute as pc
from pyspark import TaskContext
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    DoubleType,
    LongType,
    StringType,
    StructType,
)

from lake.settings import Compression
from lake.storage.object_path import LakePath
from lake.write.partitioning import by_folder
from lake.write.staged_files import StagedFile, stage_trades
from lake.write.store.keys import trade_file
from spark_consumer.decode.names import IS_TRADE, NOTED_HEADER

__all__ = ["REPORT", "ParquetTask"]

REPORT: Final = (
    StructType()
    .add("rows", LongType())
    .add("trades", LongType())
    .add("unseen", ArrayType(BinaryType()))
    .add("files", ArrayType(StringType()))
    .add("began", DoubleType())
    .add("ended", DoubleType())
)
"""What a task returns, as one row: how many records it had, how many of them are trades, the noted
headers, each once, the files that it wrote, each a `StagedFile` as JSON, and when the task began
and ended, Unix seconds."""

_MOST_ROWS: Final = 500_000
_MOST_BYTES: Final = 256 << 20
"""A task with more rows or bytes writes them in several steps, to limit its memory."""


@dataclass(frozen=True)
class ParquetTask:
    """Writes one batch's trades; the same for all tasks of the batch.

    Attributes:
        folder: the batch's folder; `lake.write.store.keys` says where a file goes.
        compression: the codec of the files.
    """

    folder: LakePath
    compression: Compression

    def run(self, batches: Iterator["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
        """Write a task's trades, and report.

        Args:
            batches: have one column, a struct of the event's fields, `IS_TRADE` and
                `NOTED_HEADER`.

        Yields:
            The report, in the columns of `REPORT`.
        """
        report = _Report()
        try:
            self._stage(batches, report)
        except BaseException:
            # The task will run again, and may need the space.
            for file in report.files:
                file.path.unlink(missing_ok=True)
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
        """Write the trades, one file per folder."""
        if not any(part.num_rows for part in parts):
            return
        trades = pa.Table.from_batches(parts).drop_columns([IS_TRADE, NOTED_HEADER])
        # The name has the attempt's id, since two attempts of one task must not share names.
        attempt = TaskContext.get().taskAttemptId()  # type: ignore[union-attr]  # a task has one
        for folder, inside in by_folder(trades):
            name = f"part-{attempt:08d}-{len(report.files):05d}"
            path = trade_file(self.folder, folder, name)
            if not report.files:
                path.parent.mkdir(parents=True, exist_ok=True)
            try:
                report.files.append(stage_trades(inside, path, folder, self.compression))
            except BaseException:
                path.unlink(missing_ok=True)
                raise


class _Report:
    """What a task has seen and done so far."""

    def __init__(self) -> None:
        self.began = time.time()
        self.rows = 0
        self.trades = 0
        self.unseen: set[bytes] = set()
        self.files: list[StagedFile] = []

    def count(self, batch: "pa.RecordBatch") -> bool:
        """Count a batch; return whether all its records are trades."""
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
                "files": pa.array(
                    [[file.model_dump_json() for file in self.files]], pa.list_(pa.string())
                ),
                "began": pa.array([self.began], pa.float64()),
                "ended": pa.array([time.time()], pa.float64()),
            }
        )


def _forget_zip_archives() -> None:
    """Save the next task from reading the tables of contents of Spark's archives again.

    A Python worker of Spark invalidates Python's import caches before each task. Python 3.11 then
    reads each archive on its path again: 0.1 s, more than a small batch takes. If something is
    imported from an archive later, Python opens it again.
    """
    for path, finder in list(sys.path_importer_cache.items()):
        if isinstance(finder, zipimporter):
            del sys.path_importer_cache[path]


def _freeze_what_is_loaded() -> None:
    """Exclude the loaded modules' objects from garbage collection after the next tasks.

    A Python worker of Spark runs a full garbage collection after each task. It visits every object,
    ninety thousand of pandas and others: 0.04 s, more than everything else that Python does for a
    small batch. Frozen objects are not visited and never freed, so this is done once, when nothing
    is garbage.
    """
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
