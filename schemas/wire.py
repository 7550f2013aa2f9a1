"""The framing of an Avro record in a Kafka value.

One magic byte (0), the id of the writer's schema as four bytes big-endian, then the record as
plain Avro binary. Serializers know a second framing, magic byte 1 and a GUID of 16 bytes; this
platform neither writes nor reads it.
"""

import struct

from schemas.errors import EmptyValue, GuidFraming, NoMagicByte, TooShort

MAGIC_BYTE = 0
GUID_MAGIC_BYTE = 1
HEADER_LENGTH = 5

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
    except struct.error as exc:
        raise ValueError(f"schema id {schema_id} does not fit into four bytes") from exc


def unframe(framed: bytes) -> tuple[int, bytes]:
    """Split a Kafka value into the writer's schema id and the Avro payload.

    Raises:
        EmptyValue: There are no bytes.
        GuidFraming: The value is framed with a GUID.
        NoMagicByte: The value is not framed at all.
        TooShort: The value ends within its header.
    """
    if not framed:
        raise EmptyValue("the value is empty")
    if framed[0] == GUID_MAGIC_BYTE:
        raise GuidFraming("the value is framed with a schema GUID; only schema ids are read here")
    if framed[0] != MAGIC_BYTE:
        raise NoMagicByte(f"the value starts with byte 0x{framed[0]:02x}, not with 0x00")
    if len(framed) < HEADER_LENGTH:
        raise TooShort(f"the value has {len(framed)} bytes, its header alone takes {HEADER_LENGTH}")
    _, schema_id = _HEADER.unpack_from(framed)
    return schema_id, framed[HEADER_LENGTH:]
