import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.avro.encoding import RecordEncoder, column_encoder
from schemas.errors import CatalogueError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COLOUR = {"type": "enum", "name": "Colour", "symbols": ["RED", "GREEN"]}
PRICE = {"type": "bytes", "logicalType": "decimal", "precision": 28, "scale": 10}
MOMENT = {"type": "long", "logicalType": "timestamp-micros"}

TYPES: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "string": ("string", st.text()),
    "named": ({"type": "string"}, st.text(max_size=1)),
    "bytes": ("bytes", st.binary()),
    "long": ("long", st.integers(-(2**63), 2**63 - 1)),
    "int": ("int", st.integers(-(2**31), 2**31 - 1)),
    "boolean": ("boolean", st.booleans()),
    "double": ("double", st.floats(allow_nan=False)),
    "colour": (COLOUR, st.sampled_from(["RED", "GREEN"])),
    "price": (PRICE, st.integers(-(10**28) + 1, 10**28 - 1)),
    "moment": (MOMENT, st.integers(0, 2**54)),
    "remark": (["null", "string"], st.none() | st.text()),
}
SCHEMA = {
    "type": "record",
    "name": "Everything",
    "fields": [{"name": name, "type": declared} for name, (declared, _) in TYPES.items()],
}
PARSED = fastavro.parse_schema(SCHEMA)

records = st.lists(st.tuples(*(values for _, values in TYPES.values())), min_size=1, max_size=8)


def by_fastavro(record: tuple[Any, ...]) -> bytes:
    """What another encoder writes of the same, given as decimals and times."""
    values = dict(zip(TYPES, record, strict=True))
    values["price"] = Decimal(values["price"]).scaleb(-10)
    values["moment"] = EPOCH + timedelta(microseconds=values["moment"])
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, PARSED, values)
    return buffer.getvalue()


@given(records)
def test_records_are_written_as_others_do(rows: list[tuple[Any, ...]]) -> None:
    """Byte for byte, after the prefix, for every type that is known."""
    written = RecordEncoder(SCHEMA, b"head").encode(list(zip(*rows, strict=True)))
    assert written == [b"head" + by_fastavro(row) for row in rows]


def test_zero_has_a_sign() -> None:
    """Numbers that are equal are not always written alike."""
    encoder = RecordEncoder({"fields": [{"name": "x", "type": "double"}]})
    plus, minus = encoder.encode([[0.0, -0.0]])
    assert plus != minus


def test_no_records_are_no_bytes() -> None:
    """Columns may be empty."""
    assert RecordEncoder(SCHEMA).encode([[] for _ in TYPES]) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("string", 1),
        ("string", "\ud800"),
        ("string", None),
        ("bytes", "x"),
        ("long", 2**63),
        ("long", "1"),
        ("long", 1.5),
        ("int", 2**31),
        ("boolean", "yes"),
        ("double", "1"),
        ("colour", "BLUE"),
        ("price", 10**28),
        ("price", -(10**28)),
        ("price", Decimal(1)),
        ("price", 1.5),
        ("moment", EPOCH),
        ("remark", 1),
    ],
)
def test_a_value_that_does_not_fit_is_refused(name: str, value: object) -> None:
    """The message names the field, whether the value stands alone or among others."""
    good = ("a", "b", b"c", 1, 2, True, 0.5, "RED", 3, 4, None)
    columns = [[one, one] for one in good]
    at = list(TYPES).index(name)
    for column in ([value, value], [good[at], value]):
        with pytest.raises(ValueError, match=f"^{name}: "):
            RecordEncoder(SCHEMA).encode([*columns[:at], column, *columns[at + 1 :]])


def test_columns_that_do_not_fit_the_fields_are_refused() -> None:
    """In number or in length: nothing is dropped in silence."""
    with pytest.raises(ValueError, match="12 columns for 11 fields"):
        RecordEncoder(SCHEMA).encode([[1]] * 12)
    with pytest.raises(ValueError, match="differ in length"):
        RecordEncoder(SCHEMA).encode([[1]] * 10 + [[1, 2]])


@pytest.mark.parametrize("declared", ["float", {"type": "map", "values": "int"}, ["int", "null"]])
def test_a_type_that_nothing_is_known_about_is_reported(declared: object) -> None:
    """Before the first record, not with it."""
    with pytest.raises(CatalogueError, match="no encoding is known"):
        column_encoder(declared)
