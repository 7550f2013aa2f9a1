"""The columns of a table, from those of the files."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.errors import LakeDamaged, TableDamaged
from lake.tables.columns import columns_of
from lake.tables.delta.columns import merged, of_schema, schema_string
from tests.unit.lake.tables.commits import file

TRADE = pa.schema(
    {
        "exchange": pa.string(),
        "trade_id": pa.int64(),
        "price": pa.decimal128(28, 10),
        "executed_at": pa.timestamp("us", "UTC"),
    }
)


def types(schema: pa.Schema) -> dict[str, object]:
    """Each column's type in the table."""
    return {field["name"]: field["type"] for field in of_schema(schema)}


def test_the_types_of_a_trade() -> None:
    """As Delta names them."""
    assert types(TRADE) == {
        "exchange": "string",
        "trade_id": "long",
        "price": "decimal(28,10)",
        "executed_at": "timestamp",
    }


def test_nested_and_rare_types() -> None:
    """A later schema version may have any of them."""
    nested = pa.struct({"a": pa.int32(), "b": pa.list_(pa.bool_())})
    found = types(pa.schema({"n": nested, "m": pa.map_(pa.string(), pa.date32())}))
    array = {"type": "array", "elementType": "boolean", "containsNull": True}
    fields = [("a", "integer"), ("b", array)]
    assert found["n"] == {
        "type": "struct",
        "fields": [
            {"name": name, "type": kind, "nullable": True, "metadata": {}} for name, kind in fields
        ],
    }
    assert found["m"] == {
        "type": "map",
        "keyType": "string",
        "valueType": "date",
        "valueContainsNull": True,
    }


def test_a_type_that_delta_lacks_is_refused() -> None:
    """A table with a wrong type would be read wrongly."""
    with pytest.raises(TableDamaged, match="no type for a column of"):
        of_schema(pa.schema({"t": pa.time64("us")}))


def test_the_folders_come_after_the_columns_of_the_files() -> None:
    """As numbers, and the symbol as text, which no reader then takes for a number."""
    written = json.loads(schema_string(of_schema(TRADE)))
    assert [(one["name"], one["type"]) for one in written["fields"][len(TRADE) :]] == [
        ("year", "integer"),
        ("month", "integer"),
        ("day", "integer"),
        ("hour", "integer"),
        ("symbol", "string"),
    ]


def test_a_new_column_joins_the_known_ones() -> None:
    """No column leaves, whatever a file lacks."""
    known = of_schema(TRADE)
    later = of_schema(pa.schema({"trade_id": pa.int64(), "feed": pa.string()}))
    assert [one["name"] for one in merged(known, later)] == [*TRADE.names, "feed"]
    assert merged(known, []) == known


def test_a_new_nested_field_joins_too() -> None:
    """Inside the column that the table has."""
    before = of_schema(pa.schema({"n": pa.struct({"a": pa.int64()})}))
    after = of_schema(pa.schema({"n": pa.struct({"b": pa.string()})}))
    (column,) = merged(before, after)
    assert [one["name"] for one in column["type"]["fields"]] == ["a", "b"]


def test_a_column_keeps_its_type() -> None:
    """The message names both types and what to do."""
    wider = of_schema(pa.schema({"price": pa.float64()}))
    with pytest.raises(TableDamaged, match=r"price is decimal\(28,10\) in the table and double"):
        merged(of_schema(TRADE), wider)


@pytest.fixture
def two_files(tmp_path: Path) -> Path:
    """A folder with a file of the first version and one of a later one."""
    for name, schema in (("a", TRADE), ("b", TRADE.append(pa.field("feed", pa.string())))):
        path = tmp_path / file(name, (1, 1)).path
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(schema.empty_table(), path)
    return tmp_path


def test_one_file_of_a_group_is_looked_into(two_files: Path) -> None:
    """Of each group the first that is there."""
    a, b, gone = (file(name, (1, 1)) for name in ("a", "b", "gone"))
    assert columns_of(two_files, [(a, b)]).names == TRADE.names
    assert columns_of(two_files, [(a,), (b,)]).names == [*TRADE.names, "feed"]
    assert columns_of(two_files, [(gone, b)]).names == [*TRADE.names, "feed"]
    assert columns_of(two_files, [(gone,)]).names == []
    assert columns_of(two_files, [(a,)] * 20 + [(b,)]).names == [*TRADE.names, "feed"]


def test_a_file_that_is_no_parquet_is_named(two_files: Path) -> None:
    """Nothing is written to the table then."""
    bad = file("a", (1, 1))
    (two_files / bad.path).write_bytes(b"no Parquet")
    with pytest.raises(LakeDamaged, match=bad.path):
        columns_of(two_files, [(bad,)])
