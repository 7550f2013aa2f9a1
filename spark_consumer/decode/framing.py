"""Columns that split a Kafka record into the name of its schema and the Avro binary.

They are the first columns made of a record, and made once, so that all three framings (see
`schemas.avro.wire`) are read in one pass. For a record without Kafka headers, which the producer
writes, this costs one extra check.
"""

from collections.abc import Iterable
from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows it by

from schemas.avro.wire import (
    GUID_HEADER_LENGTH,
    GUID_MAGIC_BYTE,
    HEADER_LENGTH,
    MAGIC_BYTE,
    VALUE_SCHEMA_HEADER,
    SchemaName,
    identifier,
)

__all__ = [
    "IDENTIFIER",
    "PAYLOAD",
    "framing_columns",
    "is_cut_off",
    "is_identifier",
    "named_in_headers",
    "names_one_of",
    "readable_name",
]

IDENTIFIER: Final = "schema-identifier"
"""Column: magic byte and id or GUID as received, cut to their length."""

PAYLOAD: Final = "avro-payload"
"""Column: the bytes of the Avro record."""

_TO_THE_END: Final = (1 << 31) - 1
_UUID: Final = "^(.{8})(.{4})(.{4})(.{4})(.{12})$"


def framing_columns() -> list[Column]:
    """Build `IDENTIFIER` and `PAYLOAD` from the columns of Spark's Kafka source."""
    value, in_header = F.col("value"), named_in_headers("headers")
    source = F.coalesce(in_header, value)
    by_guid = _first_byte(source) == F.lit(bytes([GUID_MAGIC_BYTE]))
    name = F.when(by_guid, F.substring(source, 1, GUID_HEADER_LENGTH)).otherwise(
        F.substring(source, 1, HEADER_LENGTH)
    )
    payload = (
        F.when(in_header.isNotNull(), value)
        .when(by_guid, F.substring(value, GUID_HEADER_LENGTH + 1, _TO_THE_END))
        .otherwise(F.substring(value, HEADER_LENGTH + 1, _TO_THE_END))
    )
    return [name.alias(IDENTIFIER), payload.alias(PAYLOAD)]


def named_in_headers(headers: str) -> Column:
    """Return the value of the last Kafka header that names a schema; null if there is none.

    It uses no lambda: Spark cannot compile functions with one, nor then the whole projection.

    Args:
        headers: the column of Kafka's headers.
    """
    newest_first = F.reverse(headers)
    names, values = newest_first.getField("key"), newest_first.getField("value")
    place = F.array_position(names, F.lit(VALUE_SCHEMA_HEADER)) - F.lit(1)
    # Without such a header the index is -1, and `get` gives null.
    return F.when(F.col(headers).isNotNull(), F.get(values, place.cast("int")))


def names_one_of(names: Iterable[SchemaName]) -> Column:
    """Return whether the record names one of these schemas; never null."""
    known = [F.lit(identifier(name)) for name in names]
    return F.coalesce(F.col(IDENTIFIER).isin(known), F.lit(False)) if known else F.lit(False)


def is_identifier() -> Column:
    """Return whether the identifier is complete, of either kind; never null."""
    return F.coalesce(_has_magic_byte() & ~is_cut_off(), F.lit(False))


def is_cut_off() -> Column:
    """Return whether the identifier is too short."""
    length = F.when(_names_guid(), F.lit(GUID_HEADER_LENGTH)).otherwise(F.lit(HEADER_LENGTH))
    return F.length(IDENTIFIER) < length


def readable_name() -> Column:
    """Format the identifier as `schema id 7` or `schema GUID 0b5f…`."""
    number = F.conv(F.hex(F.substring(IDENTIFIER, 2, HEADER_LENGTH - 1)), 16, 10)
    digits = F.lower(F.hex(F.substring(IDENTIFIER, 2, GUID_HEADER_LENGTH - 1)))
    guid = F.regexp_replace(digits, _UUID, "$1-$2-$3-$4-$5")
    return F.when(_names_guid(), F.concat(F.lit("schema GUID "), guid)).otherwise(
        F.concat(F.lit("schema id "), number)
    )


def _has_magic_byte() -> Column:
    return _first_byte(F.col(IDENTIFIER)).isin(
        F.lit(bytes([MAGIC_BYTE])), F.lit(bytes([GUID_MAGIC_BYTE]))
    )


def _names_guid() -> Column:
    return _first_byte(F.col(IDENTIFIER)) == F.lit(bytes([GUID_MAGIC_BYTE]))


def _first_byte(binary: Column) -> Column:
    return F.substring(binary, 1, 1)
