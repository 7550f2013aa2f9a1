"""Avro's binary form of many records of one schema, written column by column.

A record's bytes are its fields' bytes, one after the other. So each field of all records is
encoded in one go, by a loop that knows its type beforehand, and the records are what comes of
joining the columns row by row. That leaves a few look-ups and additions a record: no walk through
the schema, no dictionary of fields, no buffer.

Values are what Avro stores: a decimal is its unscaled number, a timestamp its count since 1970,
an enum its symbol.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any

from schemas.avro.varint import Varints, varint
from schemas.errors import CatalogueError

__all__ = ["Columns", "RecordEncoder", "column_encoder"]

Value = Any
Schema = Any  # a schema as JSON: a name, a list or an object
Column = Sequence[Value]
Columns = Sequence[Column]
ColumnEncoder = Callable[[Column], Iterable[bytes]]

_INT_BITS = 32
_MOST_TEXTS_KEPT = 4096
# All that the values that do not fit a field have been seen to raise.
_MISFITS = (AttributeError, KeyError, OverflowError, TypeError, ValueError, struct.error)


class RecordEncoder:
    """Writes records of one schema.

    Args:
        schema: A record schema as JSON.
        prefix: What each record's bytes begin with: the header that names the schema.

    Raises:
        CatalogueError: The schema uses a type that nothing is known about here.
    """

    def __init__(self, schema: Schema, prefix: bytes = b"") -> None:
        self._prefix = prefix
        self._fields = [
            (field["name"], column_encoder(field["type"])) for field in schema["fields"]
        ]

    def encode(self, columns: Columns) -> list[bytes]:
        """The bytes of each record.

        Args:
            columns: For each field of the schema, in its order, the values of all records.

        Raises:
            ValueError: A value does not fit its field, or the columns do not fit the fields.
        """
        if len(columns) != len(self._fields):
            raise ValueError(f"there are {len(columns)} columns for {len(self._fields)} fields")
        records = len(columns[0])
        if {len(column) for column in columns} != {records}:
            raise ValueError("the columns differ in length")
        if not records:
            return []
        parts: list[Iterable[bytes]] = []
        same = self._prefix
        for (name, encode), column in zip(self._fields, columns, strict=True):
            if _is_of_one_value(column):
                same += _encoded(name, encode, column[:1])[0]
            else:
                parts += [repeat(same, records)] if same else []
                parts.append(_encoded(name, encode, column))
                same = b""
        return list(map(b"".join, zip(*parts, repeat(same, records), strict=True)))


def column_encoder(schema: Schema) -> ColumnEncoder:  # noqa: PLR0911  one answer a type
    """What encodes a column of one type.

    Raises:
        CatalogueError: Nothing is known about the type here.
    """
    match schema:
        case {"type": "bytes", "logicalType": "decimal", "precision": int(precision)}:
            return _decimals(precision)
        case {"type": "enum", "symbols": symbols}:
            table = {symbol: varint(number) for number, symbol in enumerate(symbols)}
            return lambda column: map(table.__getitem__, column)
        case ["null", other]:
            return _nullable(column_encoder(other))
        case "string" | {"type": "string"}:
            return _texts()
        case "bytes" | {"type": "bytes"}:
            return _bytes()
        case "long" | {"type": "long"}:
            return Varints().column
        case "int" | {"type": "int"}:
            return Varints(_INT_BITS).column
        case "boolean" | {"type": "boolean"}:
            return lambda column: map((b"\x00", b"\x01").__getitem__, column)
        case "double" | {"type": "double"}:
            return lambda column: map(struct.Struct("<d").pack, column)
        case _:
            raise CatalogueError(f"no encoding is known for {schema}; add one here")


def _is_of_one_value(column: Column) -> bool:
    """Whether all values are written alike, as names and the time of ingestion mostly are."""
    first = column[0]
    # 0.0 equals -0.0, and is written otherwise.
    return (
        first == column[-1] and not isinstance(first, float) and column.count(first) == len(column)
    )


def _encoded(name: str, encode: ColumnEncoder, column: Column) -> list[bytes]:
    try:
        return list(encode(column))
    except _MISFITS as error:
        raise ValueError(f"{name}: {error}") from error


def _texts() -> ColumnEncoder:
    """Texts repeat from record to record: names, remarks. They are kept with their length."""

    @lru_cache(_MOST_TEXTS_KEPT)
    def encode(text: str) -> bytes:
        written = text.encode()
        return varint(len(written)) + written

    return lambda column: map(encode, column)


def _bytes() -> ColumnEncoder:
    return lambda column: [varint(len(value)) + value for value in column]


def _decimals(precision: int) -> ColumnEncoder:
    """Unscaled numbers as two's complement, the highest byte first, after their length.

    As many bytes as the number's bits and a sign need, like other writers: -128 takes two.
    """
    end = 10**precision
    sizes = [(bits + 8) >> 3 for bits in range(end.bit_length() + 1)]
    lengths = [varint(size) for size in sizes]
    # A length as the bytes above the number's own: so both are written in one go.
    above = [int.from_bytes(lengths[bits] + bytes(size)) for bits, size in enumerate(sizes)]
    whole = [len(lengths[bits]) + size for bits, size in enumerate(sizes)]

    def encode(column: Column) -> Iterable[bytes]:
        least, most = min(column), max(column)
        if least <= -end or most >= end:
            raise ValueError(f"a number has more than {precision} digits")
        if least < 0:
            return [
                lengths[bits := one.bit_length()] + one.to_bytes(sizes[bits], signed=True)
                for one in column
            ]
        return [(one + above[bits := one.bit_length()]).to_bytes(whole[bits]) for one in column]

    return encode


def _nullable(encode: ColumnEncoder) -> ColumnEncoder:
    """A union's values follow the number of their branch: 0 for null, 1 for the other."""
    null, other = varint(0), varint(1)

    def encode_either(column: Column) -> Iterable[bytes]:
        present = [value for value in column if value is not None]
        written = iter(encode(present) if present else ())
        return [null if value is None else other + next(written) for value in column]

    return encode_either
