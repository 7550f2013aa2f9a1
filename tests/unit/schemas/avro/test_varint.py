import io

import fastavro
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.avro.varint import Varints, varint

LIMITS = {32: (-(2**31), 2**31 - 1), 64: (-(2**63), 2**63 - 1)}

longs = st.integers(*LIMITS[64])
# Around each length's last number.
edges = st.builds(lambda bits, off: (1 << bits) + off, st.integers(0, 62), st.integers(-2, 1))


def by_fastavro(value: int) -> bytes:
    """What another encoder writes."""
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, "long", value)
    return buffer.getvalue()


@given(longs | edges)
def test_a_number_is_written_as_others_do(value: int) -> None:
    """Every long, above all around the lengths."""
    assert varint(value) == by_fastavro(value)


@given(st.lists(longs | edges, min_size=1, max_size=20))
@example([0])
@example([2**55 - 1, 2**55])
@example(list(range(1000)))
def test_a_column_is_its_numbers(values: list[int]) -> None:
    """However they mix."""
    assert list(Varints().column(values)) == [by_fastavro(value) for value in values]


@given(st.integers(0, 61), st.data())
def test_a_column_of_one_length_is_its_numbers(bits: int, data: st.DataObject) -> None:
    """Written in one go, they are the same."""
    one_length = st.integers(1 << bits, (1 << bits + 1) - 1)
    values = data.draw(st.lists(one_length, min_size=1, max_size=50))
    assert list(Varints().column(values)) == [by_fastavro(value) for value in values]


@pytest.mark.parametrize("bits", [32, 64])
def test_a_number_too_large_is_refused(bits: int) -> None:
    """Alone, and in a column among others and among its like."""
    for limit, beyond in zip(LIMITS[bits], (-1, 1), strict=True):
        assert varint(limit, bits)
        for column in ([limit + beyond], [limit + beyond] * 2, [0, limit + beyond]):
            with pytest.raises(OverflowError, match=f"does not fit {bits} bits"):
                Varints(bits).column(column)
