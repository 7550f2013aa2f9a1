"""Encodes many records of one schema as Avro binary, column by column.

A record's bytes are its fields' bytes, one after the other. So each field is encoded for all
records at once, by a loop that knows the type beforehand, and then the columns are joined row by
row. This needs only a few look-ups and additions per record: no walk through the schema, no
dictionary of fields, no buffer.

Values are given as Avro stores them: a decimal as its unscaled number, a timestamp as its count
since 1970, an enum as its symbol.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any

from schemas.avro.varint import Varints, varint
from schemas.errors import CatalogueError

__all__ = ["Column", "Columns", "RecordEncoder", "column_encoder"]

Value = Any
Schema = Any  # a schema as JSON: a name, a list or an object
Column = Sequence[Value]
Columns = Sequence[Column]
ColumnEncoder = Callable[[Column], Iterable[bytes]]

_INT_BITS = 32
_MOST_TEXTS_KEPT = 4096
# Every error that a value which does not fit its field has been seen to raise.
_MISFITS = (AttributeError, KeyError, OverflowError, TypeError, ValueError, struct.error)


class RecordEncoder:
    """Writes records of one schema.

    Args:
        schema: A record schema as JSON.
        prefix: The bytes before each record: the header that names the schema.

    Raises:
        CatalogueError: The schema uses a type that is not supported here.
    """

    def __init__(self, schema: Schema, prefix: bytes = b"") -> None:
        self._prefix = prefix
        self._fields = [
            (field["name"], column_encoder(field["type"])) for field in schema["fields"]
        ]

    def encode(self, columns: Columns) -> list[bytes]:
        """Encode each record.

        Args:
            columns: The values of all records, per field in the schema's order.

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
    """Return the encoder for columns of one type.

    Raises:
        CatalogueError: The type is not supported here.
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
    """Return whether all values are equal, as names and the time of ingestion mostly are."""
    first = column[0]
    # 0.0 equals -0.0 but is encoded differently.
    return (
        first == column[-1] and not isinstance(first, float) and column.count(first) == len(column)
    )


def _encoded(name: str, encode: ColumnEncoder, column: Column) -> list[bytes]:
    try:
        return list(encode(column))
    except _MISFITS as error:
        raise ValueError(f"{name}: {error}") from error


def _texts() -> ColumnEncoder:
    """Encode strings with a cache: names and remarks repeat from record to record."""

    @lru_cache(_MOST_TEXTS_KEPT)
    def encode(text: str) -> bytes:
        written = text.encode()
        return varint(len(written)) + written

    return lambda column: map(encode, column)


def _bytes() -> ColumnEncoder:
    return lambda column: [varint(len(value)) + value for value in column]


def _decimals(precision: int) -> ColumnEncoder:
    """Encode unscaled numbers as big-endian two's complement, after their length.

    Like other writers, it uses as many bytes as the number's bits and a sign need: -128 takes two.
    """
    end = 10**precision
    sizes = [(bits + 8) >> 3 for bits in range(end.bit_length() + 1)]
    lengths = [varint(size) for size in sizes]
    # The length as the bytes above the number's own, so that one call writes both.
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
    """Encode a union with null: each value follows its branch's number, 0 for null, else 1."""
    null, other = varint(0), varint(1)

    def encode_either(column: Column) -> Iterable[bytes]:
        present = [value for value in column if value is not None]
        written = iter(encode(present) if present else ())
        return [null if value is None else other + next(written) for value in column]

    return encode_either
