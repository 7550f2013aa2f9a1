"""The framings of an Avro record in Kafka: where it names its writer schema.

- An id before the record: one magic byte (0), the id as four bytes big-endian, then plain Avro.
- A GUID before the record: magic byte 1, the 16 bytes of the GUID, then plain Avro.
- Either of these, without the record, in the Kafka header `__value_schema_id`; the value is Avro.

If the header exists, it decides, as in Confluent's own deserializers (Java 8.3.1, confluent-kafka
2.16). Of several headers the last counts, as in those for Java and JavaScript; those for Python and
Go take the first. The last is what the writer added. One without a value names nothing.
"""

import struct
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias
from uuid import UUID

from schemas.errors import EmptyValue, NoMagicByte, TooShort

__all__ = [
    "GUID_HEADER_LENGTH",
    "GUID_MAGIC_BYTE",
    "HEADER_LENGTH",
    "MAGIC_BYTE",
    "VALUE_SCHEMA_HEADER",
    "Headers",
    "SchemaIdFraming",
    "SchemaName",
    "frame",
    "identifier",
    "named_by",
    "unframe",
]

MAGIC_BYTE: Final = 0
HEADER_LENGTH: Final = 5
GUID_MAGIC_BYTE: Final = 1
GUID_HEADER_LENGTH: Final = 17

VALUE_SCHEMA_HEADER: Final = "__value_schema_id"
"""The Kafka header that names the schema of a record's value."""

SchemaName: TypeAlias = int | UUID
"""The name of a schema in a record: the registry's id for it, or its GUID."""

SchemaIdFraming: TypeAlias = Literal["prefix", "header"]
"""Where a writer puts that name: before the record, or in the Kafka header."""

Headers: TypeAlias = Iterable[tuple[str, bytes | str | None]]

_HEADER = struct.Struct(">BI")


def frame(schema_id: int, payload: bytes) -> bytes:
    """Put the header before an Avro payload.

    Args:
        schema_id: The id that the registry gave the writer's schema, 0 to 2**32 - 1.
        payload: The record in Avro binary.

    Raises:
        ValueError: The id does not fit into four bytes.
    """
    try:
        return _HEADER.pack(MAGIC_BYTE, schema_id) + payload
    except struct.error as error:
        raise ValueError(f"schema id {schema_id} does not fit into four bytes") from error


def identifier(name: SchemaName) -> bytes:
    """Return a schema's id or GUID with its magic byte, as in the prefix or the header.

    Raises:
        ValueError: The id does not fit into four bytes.
    """
    if isinstance(name, UUID):
        return bytes([GUID_MAGIC_BYTE]) + name.bytes
    return frame(name, b"")


def named_by(framed: bytes) -> SchemaName:
    """Return the schema that an identifier names, whatever follows it.

    Raises:
        NoMagicByte: The bytes are no identifier.
        TooShort: The identifier is incomplete.
    """
    kind = framed[0] if framed else None
    if kind not in {MAGIC_BYTE, GUID_MAGIC_BYTE}:
        found = "nothing" if kind is None else f"byte 0x{kind:02x}"
        raise NoMagicByte(f"a schema is named by 0x00 and an id or by 0x01 and a GUID, not {found}")
    if len(framed) < _length(kind):
        raise TooShort(f"{len(framed)} bytes; the name of the schema alone takes {_length(kind)}")
    if kind == GUID_MAGIC_BYTE:
        return UUID(bytes=framed[1:GUID_HEADER_LENGTH])
    schema_id: int = _HEADER.unpack_from(framed)[1]
    return schema_id


def unframe(value: bytes, headers: Headers | None = None) -> tuple[SchemaName, bytes]:
    """Split a Kafka record into the name of the writer's schema and the Avro payload.

    Args:
        value: The record's value.
        headers: Its headers.

    Raises:
        EmptyValue: There are no bytes.
        NoMagicByte: The value is not framed, or the header names no schema.
        TooShort: The value, or the header, ends within that name.
    """
    if not value:
        raise EmptyValue("the value is empty")
    in_headers = [content for name, content in headers or () if name == VALUE_SCHEMA_HEADER]
    if in_headers and isinstance(in_headers[-1], bytes):
        return named_by(in_headers[-1]), value
    return named_by(value), value[_length(value[0]) :]


def _length(magic_byte: int | None) -> int:
    return GUID_HEADER_LENGTH if magic_byte == GUID_MAGIC_BYTE else HEADER_LENGTH
