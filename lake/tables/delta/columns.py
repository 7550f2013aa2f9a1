"""The columns of a Delta table, in the JSON form of its protocol."""

import json
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from lake.errors import TableDamaged
from lake.layout import PARTITION_COLUMNS

__all__ = ["merged", "of_schema", "schema_string"]

Field = dict[str, Any]
"""A column: its name, type, whether it may be null, and metadata."""

_SIMPLE: Final[tuple[tuple[pa.DataType, str], ...]] = (
    (pa.string(), "string"),
    (pa.large_string(), "string"),
    (pa.int64(), "long"),
    (pa.int32(), "integer"),
    (pa.int16(), "short"),
    (pa.int8(), "byte"),
    (pa.float64(), "double"),
    (pa.float32(), "float"),
    (pa.bool_(), "boolean"),
    (pa.binary(), "binary"),
    (pa.large_binary(), "binary"),
    (pa.date32(), "date"),
)
_IN_FOLDERS: Final[dict[str, str]] = dict.fromkeys(PARTITION_COLUMNS, "integer") | {
    "symbol": "string"
}


def of_schema(schema: "pa.Schema") -> list[Field]:
    """Return the columns of data files.

    Raises:
        TableDamaged: Delta has no such type.
    """
    return [_field(field.name, _type(field.type)) for field in schema]


def merged(known: Sequence[Field], new: Sequence[Field]) -> list[Field]:
    """Return the known columns and those that are new, in this order.

    Raises:
        TableDamaged: A column has one type in the table and another in the files.
    """
    by_name = {field["name"]: field for field in known}
    for field in new:
        name = field["name"]
        before = by_name.get(name)
        by_name[name] = field if before is None else _both(before, field)
    return list(by_name.values())


def schema_string(columns: Sequence[Field]) -> str:
    """Return the table's schema: the columns of the files, then those of the folders."""
    folders = [_field(name, kind) for name, kind in _IN_FOLDERS.items()]
    return json.dumps(_struct([*columns, *folders]), separators=(",", ":"))


def _both(before: Field, field: Field) -> Field:
    """Return a column that has every nested field of two."""
    old, new = before["type"], field["type"]
    if old == new:
        return before
    if isinstance(old, dict) and isinstance(new, dict) and old["type"] == new["type"] == "struct":
        return _field(before["name"], _struct(merged(old["fields"], new["fields"])))
    raise TableDamaged(
        f"column {before['name']} is {_shown(old)} in the table and {_shown(new)} in a file of the "
        "lake. A table keeps the type of a column; if the files are right, run `kraken-lake tables "
        "sync --rebuild`."
    )


def _field(name: str, kind: object) -> Field:
    return {"name": name, "type": kind, "nullable": True, "metadata": {}}


def _struct(fields: Sequence[Field]) -> Field:
    return {"type": "struct", "fields": list(fields)}


def _type(kind: "pa.DataType") -> object:
    for arrow, delta in _SIMPLE:
        if kind == arrow:
            return delta
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return "timestamp"
    if pa.types.is_struct(kind):
        return _struct([_field(one.name, _type(one.type)) for one in kind])
    if pa.types.is_list(kind):
        return {"type": "array", "elementType": _type(kind.value_type), "containsNull": True}
    if pa.types.is_map(kind):
        return {
            "type": "map",
            "keyType": _type(kind.key_type),
            "valueType": _type(kind.item_type),
            "valueContainsNull": True,
        }
    raise TableDamaged(f"a Delta table has no type for a column of {kind}; the table is left as is")


def _shown(kind: object) -> str:
    return kind if isinstance(kind, str) else json.dumps(kind)
