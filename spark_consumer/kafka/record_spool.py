"""Writes records that were read one by one as Parquet files, which Spark reads instead of Kafka."""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from lake.errors import LakeError
from lake.storage.local_files import storage_errors
from lake.storage.object_path import LakePath, ObjectPath
from spark_consumer.kafka.record_bounds import RecordBounds
from spark_consumer.kafka.record_reader import PlacedRecord

__all__ = ["Spooled", "remove_spooled", "spool"]

_GROUP_BYTES: Final = 16 << 20
_GROUP_ROWS: Final = 100_000
"""The most rows of a row group: Spark reads a group's rows some thousands at a time."""
_FILE_ROWS: Final = 250_000
"""The most rows of a file, so that several tasks share a large range."""
_OBJECT_BYTES: Final = 64 << 20
"""The most bytes of rows of an object: it is written, and read again, as a whole."""

_COLUMNS: Final[list["pa.Field[Any]"]] = [
    pa.field("key", pa.binary()),
    pa.field("value", pa.binary()),
    pa.field("topic", pa.string()),
    pa.field("partition", pa.int32()),
    pa.field("offset", pa.int64()),
    pa.field("timestamp", pa.timestamp("us", "UTC")),
    pa.field(
        "headers",
        pa.list_(pa.struct([pa.field("key", pa.string()), pa.field("value", pa.binary())])),
    ),
]
_SCHEMA: Final = pa.schema(_COLUMNS)
"""The columns of Spark's Kafka source that the stream uses."""


@dataclass(frozen=True)
class Spooled:
    """What was written.

    Attributes:
        files: the files; none if there was no record.
        records: how many records they hold.
        cut: how many of these differ from what was sent.
    """

    files: tuple[LakePath, ...]
    records: int
    cut: int


def spool(
    records: Iterable[PlacedRecord], topic: str, folder: LakePath, bounds: RecordBounds
) -> Spooled:
    """Write records to new files in a folder, each within its bounds.

    Raises:
        LakeUnwritable: The storage refused.
    """
    with storage_errors(folder):
        return _spool(records, topic, folder, bounds)


def _spool(
    records: Iterable[PlacedRecord], topic: str, folder: LakePath, bounds: RecordBounds
) -> Spooled:
    folder.mkdir(parents=True, exist_ok=True)
    files = _Files(folder)
    group = _Group(topic)
    count = cut = 0
    try:
        for record in records:
            kept = bounds.kept(record.parts)
            cut += kept.is_cut
            count += 1
            group.add(PlacedRecord(record.partition, record.offset, kept))
            if group.size >= _GROUP_BYTES or len(group.rows) >= _GROUP_ROWS:
                files.write(group.table())
                group = _Group(topic)
        if group.rows:
            files.write(group.table())
    finally:
        files.close()
    return Spooled(tuple(files.paths), count, cut)


def remove_spooled(folder: LakePath) -> None:
    """Remove what was written there; what cannot be removed is left to the next start."""
    if isinstance(folder, ObjectPath):
        with suppress(LakeError):
            folder.client.delete(path.key for path in folder.below())
    else:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class _Group:
    topic: str
    rows: list[PlacedRecord] = field(default_factory=list)
    size: int = 0

    def add(self, record: PlacedRecord) -> None:
        self.rows.append(record)
        self.size += record.parts.size

    def table(self) -> "pa.Table":
        parts = [row.parts for row in self.rows]
        headers = [
            [{"key": name, "value": value} for name, value in one.headers or ()] for one in parts
        ]
        columns: dict[str, list[object]] = {
            "key": [one.key for one in parts],
            "value": [one.value for one in parts],
            "topic": [self.topic] * len(parts),
            "partition": [row.partition for row in self.rows],
            "offset": [row.offset for row in self.rows],
            "timestamp": [one.timestamp_ms * 1000 for one in parts],
            "headers": [one or None for one in headers],
        }
        arrays = [pa.array(columns[kind.name], kind.type) for kind in _SCHEMA]
        return pa.Table.from_arrays(arrays, schema=_SCHEMA)


class _Files:
    def __init__(self, folder: LakePath) -> None:
        self._folder = folder
        self._writer: pq.ParquetWriter | None = None
        self._in_memory: pa.BufferOutputStream | None = None
        self._rows = self._bytes = 0
        self.paths: list[LakePath] = []

    def write(self, table: "pa.Table") -> None:
        if self._writer is None:
            self._writer = self._begun()
        self._writer.write_table(table)
        self._rows += table.num_rows
        self._bytes += table.nbytes
        full = self._in_memory is not None and self._bytes >= _OBJECT_BYTES
        if full or self._rows >= _FILE_ROWS:
            self.close()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        if self._in_memory is not None:
            self.paths[-1].write_bytes(memoryview(self._in_memory.getvalue()))
        self._writer, self._in_memory, self._rows, self._bytes = None, None, 0, 0

    def _begun(self) -> pq.ParquetWriter:
        path = self._folder / f"part-{len(self.paths):05d}.parquet"
        self.paths.append(path)
        if not isinstance(path, ObjectPath):
            return pq.ParquetWriter(path, _SCHEMA, compression="zstd")
        self._in_memory = pa.BufferOutputStream()
        return pq.ParquetWriter(self._in_memory, _SCHEMA, compression="zstd")
