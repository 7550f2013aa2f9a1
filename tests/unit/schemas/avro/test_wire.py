from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.avro.wire import VALUE_SCHEMA_HEADER, SchemaName, frame, identifier, unframe
from schemas.errors import EmptyValue, FramingError, NoMagicByte, TooShort

schema_ids = st.integers(min_value=0, max_value=2**32 - 1)
names = st.one_of(schema_ids, st.uuids())


@given(schema_ids, st.binary())
def test_unframe_undoes_frame(schema_id: int, payload: bytes) -> None:
    """Whatever is framed comes back: the id and every byte of the payload."""
    assert unframe(frame(schema_id, payload)) == (schema_id, payload)


def test_header_is_magic_byte_and_id_big_endian() -> None:
    """The header is what Confluent's serializers write: 0, then four bytes, highest first."""
    assert frame(0x01020304, b"x") == b"\x00\x01\x02\x03\x04x"


@pytest.mark.parametrize("schema_id", [-1, 2**32])
def test_frame_refuses_an_id_that_does_not_fit(schema_id: int) -> None:
    """An id outside four bytes is refused by its name, not cut."""
    with pytest.raises(ValueError, match=str(schema_id)):
        frame(schema_id, b"")


@pytest.mark.parametrize(
    ("framed", "expected"),
    [
        (b"", EmptyValue),
        (b"\x00", TooShort),
        (b"\x00\x00\x00\x01", TooShort),
        (b"\x01" + bytes(15), TooShort),
        (b'{"price": 1}', NoMagicByte),
        (b"\xff" * 20, NoMagicByte),
    ],
)
def test_each_kind_of_wrong_framing_is_distinguished(
    framed: bytes, expected: type[FramingError]
) -> None:
    """Empty, cut and unframed values each have their own error."""
    with pytest.raises(expected) as raised:
        unframe(framed)
    assert type(raised.value) is expected


@given(st.binary())
def test_any_bytes_give_a_frame_or_a_framing_error(value: bytes) -> None:
    """No value, however damaged, raises anything but a FramingError; what passes is whole."""
    try:
        name, payload = unframe(value)
    except FramingError:
        assert len(value) < 17 or value[0] not in {0, 1}
        assert len(value) < 5 or value[0] != 0
    else:
        assert identifier(name) + payload == value


@given(names, st.binary(min_size=1))
def test_a_header_names_the_schema_of_a_value_without_prefix(
    name: SchemaName, payload: bytes
) -> None:
    """By id or GUID; the last of several counts, and others do not."""
    headers = [
        (VALUE_SCHEMA_HEADER, identifier(7)),
        (VALUE_SCHEMA_HEADER, identifier(name)),
        ("lane", b"backfill"),
    ]
    assert unframe(payload, headers) == (name, payload)
    assert unframe(identifier(name) + payload, [(VALUE_SCHEMA_HEADER, None)]) == (name, payload)


@given(names, st.binary())
def test_a_prefix_names_the_schema_of_what_follows(name: SchemaName, payload: bytes) -> None:
    """By id or by GUID, whatever other headers there are."""
    assert unframe(identifier(name) + payload, [("lane", b"backfill")]) == (name, payload)


def test_a_guid_stands_in_a_record_as_confluent_writes_it() -> None:
    """Magic byte 1, then its bytes, highest first."""
    guid = UUID("01020304-0506-0708-090a-0b0c0d0e0f10")
    assert identifier(guid) == b"\x01" + bytes(range(1, 17))


def test_a_header_that_names_nothing_is_an_error() -> None:
    """The value is not looked at for another name: it has none."""
    with pytest.raises(NoMagicByte):
        unframe(frame(1, b"x"), [(VALUE_SCHEMA_HEADER, b"\x02")])
