"""The lake's files as entries of an Iceberg table."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from pyiceberg.conversions import to_bytes
from pyiceberg.manifest import DataFile as Entry
from pyiceberg.manifest import DataFileContent, FileFormat
from pyiceberg.schema import Schema
from pyiceberg.typedef import Record
from pyiceberg.types import LongType, PrimitiveType, TimestamptzType

from lake.layout import PARTITION_COLUMNS, LakeLayout, hour_of_path, symbol_of_path
from lake.log.commit import DataFile
from lake.tables.iceberg.columns import TIME
from lake.tables.iceberg.locations import to_location, to_path
from lake.tables.table import TableFile

__all__ = ["hours_of", "location_of", "path_of", "to_entry", "to_table_file"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)


def to_entry(layout: LakeLayout, file: DataFile, schema: Schema, spec_id: int) -> Entry:
    """Return the entry of a data file: its partition values are those of its folders.

    Only what the commit log knows exactly is stated. Readers leave out files by the bounds of
    `trade_id` and `executed_at`; there are none of price and volume.

    Args:
        layout: the lake.
        file: the file.
        schema: the table's schema.
        spec_id: the table's partitioning.
    """
    exact: dict[int, tuple[PrimitiveType, int, int]] = {}
    for name, kind, bounds in (
        ("trade_id", LongType(), _id_bounds(file)),
        (TIME, TimestamptzType(), _time_bounds(file)),
    ):
        if bounds is not None and name in schema.column_names:
            exact[schema.find_field(name).field_id] = (kind, *bounds)
    entry = Entry.from_args(
        content=DataFileContent.DATA,
        file_path=to_location(layout.base / file.path),
        file_format=FileFormat.PARQUET,
        partition=Record(_hour_of(file.path), symbol_of_path(file.path)),
        record_count=file.rows,
        file_size_in_bytes=file.bytes,
        value_counts=dict.fromkeys(exact, file.rows),
        null_value_counts=dict.fromkeys(exact, 0),
        lower_bounds={at: to_bytes(kind, low) for at, (kind, low, _) in exact.items()},
        upper_bounds={at: to_bytes(kind, high) for at, (kind, _, high) in exact.items()},
    )
    entry.spec_id = spec_id
    return entry


def hours_of(paths: Iterable[str]) -> set[int] | None:
    """Return the hours of files' folders, in hours since 1970, as Iceberg counts them.

    Returns:
        None if a file is in no folder of an hour: another program added it.
    """
    try:
        return {_hour_of(path) for path in paths}
    except ValueError:
        return None


def location_of(layout: LakeLayout, path: str) -> str:
    """Return the location of a file by its path, as `path_of` returns it."""
    return path if "://" in path else to_location(layout.base / path)


def path_of(layout: LakeLayout, entry: Entry) -> str:
    """Return the path of an entry's file relative to BASE_OUTPUT_PATH; its location outside."""
    path = to_path(entry.file_path)
    return layout.relative(path) if path.is_relative_to(layout.base) else entry.file_path


def to_table_file(entry: Entry) -> TableFile:
    """Return what an entry says of its file."""
    return TableFile(
        bytes=entry.file_size_in_bytes, rows=entry.record_count, partition=_folders(entry.partition)
    )


def _hour_of(path: str) -> int:
    return (hour_of_path(path) - _EPOCH) // _HOUR


def _folders(partition: Record) -> dict[str, str]:
    """Return the values of the folders that partition values stand for."""
    at = _EPOCH + partition[0] * _HOUR
    parts = (at.year, at.month, at.day, at.hour, partition[1])
    return {name: str(part) for name, part in zip(PARTITION_COLUMNS, parts, strict=True)}


def _id_bounds(file: DataFile) -> tuple[int, int] | None:
    if not file.ids:
        return None
    return min(first for first, _ in file.ids), max(last for _, last in file.ids)


def _time_bounds(file: DataFile) -> tuple[int, int] | None:
    if file.first_at is None or file.last_at is None:
        return None
    return file.first_at, file.last_at
