"""A checkpoint of a Delta log: all that counts of the versions up to one, as Parquet.

It lists no removed files. Others use those to find what they may delete, and the lake deletes its
own files itself.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lake.storage.object_path import LakePath
from lake.storage.operations import parquet_source
from lake.tables.delta.actions import Action

__all__ = ["NO_FILES", "as_parquet", "files_in", "header_in", "joined", "to_files"]

_TEXTS: Final = pa.map_(pa.string(), pa.string())
_LIST: Final = pa.list_(pa.string())


def _schema(fields: Mapping[str, pa.DataType]) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in fields.items()])


def _struct(fields: Mapping[str, pa.DataType]) -> pa.DataType:
    return pa.struct(list(_schema(fields)))


_FILE: Final[Mapping[str, pa.DataType]] = {
    "path": pa.string(),
    "partitionValues": _TEXTS,
    "size": pa.int64(),
    "modificationTime": pa.int64(),
    "dataChange": pa.bool_(),
    "stats": pa.string(),
}
_FILES: Final = _schema(_FILE)
_HEADER: Final[Mapping[str, pa.DataType]] = {
    "protocol": _struct(
        {
            "minReaderVersion": pa.int32(),
            "minWriterVersion": pa.int32(),
            "readerFeatures": _LIST,
            "writerFeatures": _LIST,
        }
    ),
    "metaData": _struct(
        {
            "id": pa.string(),
            "name": pa.string(),
            "description": pa.string(),
            "format": _struct({"provider": pa.string(), "options": _TEXTS}),
            "schemaString": pa.string(),
            "partitionColumns": _LIST,
            "createdTime": pa.int64(),
            "configuration": _TEXTS,
        }
    ),
    "txn": _struct({"appId": pa.string(), "version": pa.int64(), "lastUpdated": pa.int64()}),
}
_REMOVED: Final = _struct(
    {
        "path": pa.string(),
        "deletionTimestamp": pa.int64(),
        "dataChange": pa.bool_(),
        "extendedFileMetadata": pa.bool_(),
    }
)
_ALL: Final = _schema({**_HEADER, "add": pa.struct(list(_FILES)), "remove": _REMOVED})

NO_FILES: Final = _FILES.empty_table()
"""The files of an empty table."""


def to_files(adds: Sequence[Action]) -> "pa.Table":
    """Return `add` actions as a table with a row for each file."""
    rows = [{name: add.get(name) for name in _FILE} | {"dataChange": False} for add in adds]
    return pa.Table.from_pylist(rows, schema=_FILES) if rows else NO_FILES


def joined(files: "pa.Table", gone: Collection[str], new: "pa.Table") -> "pa.Table":
    """Return files without those that are gone, and the new ones after them.

    Args:
        files: the files.
        gone: the URLs of those that leave, or are named anew.
        new: the new files.
    """
    if gone:
        leaves = pc.is_in(files.column("path"), value_set=pa.array(list(gone), pa.string()))
        files = files.filter(pc.invert(leaves))
    return pa.concat_tables([files, new])


def as_parquet(header: Sequence[Action], files: "pa.Table") -> bytes:
    """Return the content of a checkpoint.

    Args:
        header: the `protocol`, `metaData` and `txn` actions.
        files: the files.
    """
    rows = [
        {name: _plain(value, _HEADER[name]) for name, value in action.items()} for action in header
    ]
    above = pa.Table.from_pylist(rows, schema=_ALL)
    below = pa.table({"add": _structs(files)})
    # What one of them lacks is null.
    checkpoint = pa.concat_tables([above, below], promote_options="default")
    sink = pa.BufferOutputStream()
    pq.write_table(checkpoint, sink, compression="snappy", store_schema=False)
    return sink.getvalue().to_pybytes()


def header_in(path: LakePath) -> list[Action]:
    """Return the `protocol`, `metaData` and `txn` actions of a checkpoint.

    Raises:
        FileNotFoundError: There is no such file.
        OSError, pyarrow.ArrowException: It cannot be read.
    """
    source = parquet_source(path)
    return [
        {name: _without_maps(value, kind)}
        for name, kind in _HEADER.items()
        if (column := _column(source, name)) is not None
        for value in column.filter(column.is_valid()).to_pylist()
    ]


def files_in(path: LakePath) -> "pa.Table":
    """Return the files of a checkpoint.

    Raises:
        FileNotFoundError: There is no such file.
        OSError, pyarrow.ArrowException: It cannot be read.
    """
    column = _column(parquet_source(path), "add")
    if column is None:
        return NO_FILES
    adds = column.filter(column.is_valid())
    found = {adds.type.field(at).name for at in range(adds.type.num_fields)}
    columns = {
        name: pc.struct_field(adds, name).cast(kind)
        for name, kind in _FILE.items()
        if name in found
    }
    return pa.concat_tables([NO_FILES, pa.table(columns)], promote_options="default")


def _column(source: Path | pa.BufferReader, name: str) -> "pa.ChunkedArray[Any] | None":
    with pq.ParquetFile(source) as opened:
        read = opened.read([name])
    return read.column(name) if name in read.column_names else None


def _structs(files: "pa.Table") -> "pa.StructArray":
    arrays = [files.column(name).combine_chunks() for name in _FILE]
    return pa.StructArray.from_arrays(arrays, fields=list(_FILES))


def _plain(value: Any, kind: "pa.DataType") -> Any:  # noqa: ANN401 - JSON of any kind
    """Return JSON as pyarrow takes it: a map is a list of pairs."""
    if value is None:
        return None
    if pa.types.is_map(kind):
        return list(value.items())
    if pa.types.is_struct(kind):
        return {one.name: _plain(value.get(one.name), one.type) for one in kind}
    return value


def _without_maps(value: Any, kind: "pa.DataType") -> Any:  # noqa: ANN401 - JSON of any kind
    """Return what pyarrow gives as JSON, without fields that are null."""
    if pa.types.is_map(kind):
        return dict(value)
    if isinstance(value, Mapping) and pa.types.is_struct(kind):
        of = {one.name: one.type for one in kind}
        return {
            name: _without_maps(inner, of[name])
            for name, inner in value.items()
            if inner is not None and name in of
        }
    return value
