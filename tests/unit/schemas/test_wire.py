import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import EmptyValue, FramingError, GuidFraming, NoMagicByte, TooShort
from schemas.wire import HEADER_LENGTH, frame, unframe

schema_ids = st.integers(min_value=0, max_value=2**32 - 1)


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
        (b"\x01" + bytes(16) + b"payload", GuidFraming),
        (b'{"price": 1}', NoMagicByte),
        (b"\xff" * 20, NoMagicByte),
    ],
)
def test_each_kind_of_wrong_framing_is_told_apart(
    framed: bytes, expected: type[FramingError]
) -> None:
    """Empty, cut, GUID-framed and unframed values each have their own error."""
    with pytest.raises(expected) as raised:
        unframe(framed)
    assert type(raised.value) is expected


@given(st.binary())
def test_any_bytes_give_a_frame_or_a_framing_error(value: bytes) -> None:
    """No value, however damaged, raises anything but a FramingError; what passes is whole."""
    try:
        schema_id, payload = unframe(value)
    except FramingError:
        assert len(value) < HEADER_LENGTH or value[0] != 0
    else:
        assert frame(schema_id, payload) == value
