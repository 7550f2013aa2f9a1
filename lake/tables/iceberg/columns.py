"""The columns of an Iceberg table: those of the lake's files, and `symbol` from their folders."""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Final

import pyarrow as pa
from pyiceberg.io.pyarrow import pyarrow_to_schema
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema, assign_fresh_schema_ids
from pyiceberg.table.name_mapping import (
    MappedField,
    NameMapping,
    create_mapping_from_schema,
)
from pyiceberg.transforms import HourTransform, IdentityTransform

__all__ = ["HOUR", "SYMBOL", "TIME", "in_table", "mapping_of", "partitioning", "schema_of"]

SYMBOL: Final = "symbol"
TIME: Final = "executed_at"
HOUR: Final = "executed_at_hour"
"""The name of the partition field: hours since 1970, UTC."""

_ALWAYS: Final = pa.schema([pa.field(TIME, pa.timestamp("us", "UTC"))]).append(
    pa.field(SYMBOL, pa.string())
)
_FIRST_PARTITION_FIELD: Final = 1000


def in_table(columns: "pa.Schema") -> "pa.Schema":
    """Return the columns of data files and those that every table has, which files may lack."""
    for field in _ALWAYS:
        if field.name not in columns.names:
            columns = columns.append(field)
    return columns


def schema_of(columns: "pa.Schema") -> Schema:
    """Return the schema of a new table.

    Args:
        columns: as `in_table` returns them.

    Raises:
        TypeError, ValueError: Iceberg has no such type.
    """
    mapping = NameMapping(list(_mapped(columns, count(1))))
    return assign_fresh_schema_ids(pyarrow_to_schema(columns, mapping))


def mapping_of(schema: Schema) -> str:
    """Return what tells readers which column of a file has which id: the files hold no ids."""
    return create_mapping_from_schema(schema).model_dump_json()


def partitioning(schema: Schema) -> PartitionSpec:
    """Return how the table is partitioned: as the lake's folders are, by hour and symbol."""
    return PartitionSpec(
        PartitionField(
            source_id=schema.find_field(TIME).field_id,
            field_id=_FIRST_PARTITION_FIELD,
            transform=HourTransform(),
            name=HOUR,
        ),
        PartitionField(
            source_id=schema.find_field(SYMBOL).field_id,
            field_id=_FIRST_PARTITION_FIELD + 1,
            transform=IdentityTransform(),
            name=SYMBOL,
        ),
    )


def _mapped(fields: "Iterable[pa.Field[pa.DataType]]", ids: Iterator[int]) -> Iterator[MappedField]:
    """Yield an id for each column, and for what is nested in it, by Iceberg's names."""
    for field in fields:
        yield MappedField(
            field_id=next(ids), names=[field.name], fields=list(_mapped(_nested(field.type), ids))
        )


def _nested(kind: "pa.DataType") -> "Iterable[pa.Field[pa.DataType]]":
    if pa.types.is_struct(kind):
        return list(kind)
    if pa.types.is_map(kind):
        return [pa.field("key", kind.key_type), pa.field("value", kind.item_type)]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [pa.field("element", kind.value_type)]
    return []
