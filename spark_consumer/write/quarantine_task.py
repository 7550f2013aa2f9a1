"""The work of each Spark task on records that are no trades: it writes them as Parquet files.

They are written as trades are, by Python from Arrow batches, so a lake in an object store needs no
file system of Spark's own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark import TaskContext
from pyspark.sql import DataFrame
from pyspark.sql.types import StringType, StructType

from lake.settings import Compression
from lake.storage.checksum import checksum_of
from lake.storage.object_path import LakePath
from lake.write.staged_files import StagedFile

__all__ = ["QuarantineTask", "quarantine"]

_REPORT: Final = StructType().add("file", StringType())
"""What a task returns: a row for each file that it wrote, a `StagedFile` as JSON."""

_MOST_BYTES: Final = 64 << 20
"""The size from which a task writes what it has, to limit its memory."""

_BATCH_BYTES: Final = "spark.sql.execution.arrow.maxBytesPerBatch"
_LARGE_RECORDS: Final = str(16 << 20)
"""A record that is no trade may be as large as Kafka takes, so that the session's limit in records
alone could make a batch of gigabytes."""


def quarantine(rejected: DataFrame, folder: LakePath, compression: Compression) -> list[StagedFile]:
    """Write the records to files in a folder.

    Args:
        rejected: the records, with the quarantine's columns.
        folder: where the files go.
        compression: their codec.
    """
    task = QuarantineTask(folder, compression)
    with _small_batches(rejected):
        reports = rejected.mapInArrow(task.run, _REPORT).collect()
    return [StagedFile.model_validate_json(report.file) for report in reports]


@dataclass(frozen=True)
class QuarantineTask:
    """Writes one batch's records; the same for all tasks of the batch.

    Attributes:
        folder: the one folder for all files.
        compression: the codec of the files.
    """

    folder: LakePath
    compression: Compression

    def run(self, batches: Iterator["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
        """Write a task's records, and report each file."""
        files: list[StagedFile] = []
        try:
            for records in _bundled(batches):
                files.append(self._write(records, len(files)))
        except BaseException:
            # The task will run again, and may need the space.
            for file in files:
                file.path.unlink(missing_ok=True)
            raise
        reports = [file.model_dump_json() for file in files]
        yield pa.RecordBatch.from_pydict({"file": pa.array(reports, pa.string())})

    def _write(self, records: "pa.Table", number: int) -> StagedFile:
        encoded = pa.BufferOutputStream()
        pq.write_table(records, encoded, compression=self.compression, store_schema=False)
        content = memoryview(encoded.getvalue())
        self.folder.mkdir(parents=True, exist_ok=True)
        # The name has the attempt's id, since two attempts of one task must not share names.
        attempt = TaskContext.get().taskAttemptId()  # type: ignore[union-attr]  # a task has one
        path = self.folder / f"part-{attempt:08d}-{number:05d}.parquet"
        try:
            path.write_bytes(content)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return StagedFile(
            path=path,
            folder=".",
            rows=records.num_rows,
            bytes=len(content),
            checksum=checksum_of(content),
        )


def _bundled(batches: Iterator["pa.RecordBatch"]) -> Iterator["pa.Table"]:
    """Yield tables of about the size of a file; none is empty."""
    waiting: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        if batch.num_rows:
            waiting.append(batch)
            size += batch.nbytes
        if size >= _MOST_BYTES:
            yield pa.Table.from_batches(waiting)
            waiting, size = [], 0
    if waiting:
        yield pa.Table.from_batches(waiting)


@contextmanager
def _small_batches(records: DataFrame) -> Iterator[None]:
    conf = records.sparkSession.conf
    before = str(conf.get(_BATCH_BYTES))
    conf.set(_BATCH_BYTES, _LARGE_RECORDS)
    try:
        yield
    finally:
        conf.set(_BATCH_BYTES, before)
