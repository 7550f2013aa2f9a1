"""Checks that a field's default, as JSON writes it, is a value of the field's type."""

from collections.abc import Callable
from typing import Any

from avro.schema import (
    ArraySchema,
    EnumSchema,
    FixedSchema,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)

__all__ = ["default_fits"]

# What json.loads gives.
Json = Any

_BYTE_MAX = 255


def default_fits(default: Json, schema: Schema) -> bool:  # noqa: PLR0911 - one answer a kind
    """Return whether `default` is a valid default of a field of this type.

    Bytes and fixed are written in JSON as text of code points 0 to 255. A union's default must
    belong to its first branch, since older readers accept no other.
    """
    match schema:
        case EnumSchema():
            return default in schema.symbols
        case FixedSchema():
            return _is_bytes(default) and len(default) == schema.size
        case ArraySchema():
            return isinstance(default, list) and all(
                default_fits(item, schema.items) for item in default
            )
        case MapSchema():
            return isinstance(default, dict) and all(
                default_fits(value, schema.values) for value in default.values()
            )
        case UnionSchema():
            return default_fits(default, schema.schemas[0])
        case RecordSchema():
            return isinstance(default, dict) and _fields_fit(default, schema)
        case _:
            return _PRIMITIVES[schema.type](default)


def _fields_fit(default: dict[str, Json], record: RecordSchema) -> bool:
    return all(
        default_fits(default[field.name], field.type)
        if field.name in default
        else field.has_default
        for field in record.fields
    )


def _is_whole_within(bits: int) -> Callable[[Json], bool]:
    bound = 2 ** (bits - 1)
    return lambda default: type(default) is int and -bound <= default < bound


def _is_number(default: Json) -> bool:
    return type(default) in {int, float}


def _is_bytes(default: Json) -> bool:
    return isinstance(default, str) and all(ord(letter) <= _BYTE_MAX for letter in default)


_PRIMITIVES: dict[str, Callable[[Json], bool]] = {
    "null": lambda default: default is None,
    "boolean": lambda default: isinstance(default, bool),
    "int": _is_whole_within(32),
    "long": _is_whole_within(64),
    "float": _is_number,
    "double": _is_number,
    "string": lambda default: isinstance(default, str),
    "bytes": _is_bytes,
}
