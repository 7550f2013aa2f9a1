"""The table read by other programs: the same rows as in the lake's files.

Read with PyIceberg 0.12, Polars 2.1 and DuckDB 2.0, over PyIceberg's plan.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from pyiceberg.expressions import And, EqualTo, GreaterThanOrEqual
from pyiceberg.table import Table

from lake.layout import LakeLayout
from tests.unit.lake.lakes import AT
from tests.unit.lake.tables.iceberg.following import opened, synced
from tests.unit.lake.tables.iceberg.places import layout
from tests.unit.lake.tables.stages import (
    STAGES,
    in_order,
    in_the_files,
    land_both_versions,
    reach,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["layout"]

Reader = Callable[[Table], "pa.Table"]


def by_pyiceberg(table: Table) -> "pa.Table":
    """The library's own scan."""
    return table.scan().to_arrow()


def by_polars(table: Table) -> "pa.Table":
    """`scan_iceberg`, by Polars' own reader of Parquet."""
    return pl.scan_iceberg(table, reader_override="native").collect().to_arrow()


def by_duckdb(table: Table) -> "pa.Table":
    """DuckDB over PyIceberg's scan: its own extension is not to be had for this version."""
    with table.scan().to_duckdb("t") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.sql("SELECT * FROM t").to_arrow_table()


READERS = (by_pyiceberg, by_polars, by_duckdb)


@pytest.fixture(params=STAGES)
def filled(
    request: pytest.FixtureRequest, layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> LakeLayout:
    """A lake with a table, at each stage of its files."""
    reach(request.param, layout, synced, monkeypatch)
    return layout


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_a_reader_finds_each_row_of_the_lake_once(filled: LakeLayout, read: Reader) -> None:
    """Files of both versions, before and after a merge; every column, every digit, every symbol."""
    assert in_order(read(opened(filled)).to_pylist()) == in_the_files(filled, ["symbol"])


def test_filters_find_every_row(filled: LakeLayout) -> None:
    """By a price that no double holds, an id and a time to the microsecond, and a symbol."""
    rows, table = in_the_files(filled, ["symbol"]), opened(filled)
    scanned = pl.scan_iceberg(table, reader_override="native")
    for row in rows[::5]:
        for name in ("price", "trade_id", "executed_at", "symbol"):
            wanted = [one for one in rows if one[name] == row[name]]
            found = scanned.filter(pl.col(name) == row[name]).collect()
            assert found.height == len(wanted), (name, row)
            value: Any = row[name].isoformat() if name == "executed_at" else row[name]
            assert table.scan(EqualTo(name, value)).count() == len(wanted), (name, row)


def test_a_filter_opens_no_other_files(layout: LakeLayout) -> None:
    """By the partition's hour and symbol, and by the bounds of time and id in a file."""
    land_both_versions(layout)
    synced(layout)
    table = opened(layout)
    of_symbol = list(table.scan(EqualTo("symbol", "A B_USD")).plan_files())
    assert len(of_symbol) == 6
    hour_later = (AT + timedelta(hours=1)).isoformat()
    in_hour = And(EqualTo("symbol", "0700"), GreaterThanOrEqual("executed_at", hour_later))
    assert len(list(table.scan(in_hour).plan_files())) == 3
    assert len(list(table.scan(EqualTo("trade_id", 111)).plan_files())) == 1
