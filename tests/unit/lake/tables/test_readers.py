"""The table read by other programs: the same rows as in the lake's files.

Read with deltalake 1.6.6, Polars 2.1.0, pyarrow 26.0.1 and DuckDB 2.0.1.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from lake.layout import PARTITION_COLUMNS, LakeLayout, folder_of
from lake.storage.object_path import LakePath, ObjectPath
from lake.tables.delta.table import DeltaTable
from lake.tables.sync import sync
from tests.unit.lake.lakes import AT, land
from tests.unit.lake.tables import stages
from tests.unit.lake.tables.places import layout
from tests.unit.lake.tables.stages import (
    STAGES,
    SYMBOLS,
    Rows,
    in_order,
    in_the_files,
    reach,
)
from tests.unit.lake.tables.trades import synced, trades

__all__ = ["layout"]

deltalake = pytest.importorskip("deltalake")

PLAIN = ("BTC/USD", "1INCH/USD", "0700", "50%/USD")
"""deltalake names a store's files by URLs, and Polars takes them for keys: it finds no other."""
Reader = Callable[[LakePath], "pa.Table"]


def options(base: LakePath) -> dict[str, str] | None:
    """What readers need for a store beside AWS's variables, which they read themselves."""
    if not isinstance(base, ObjectPath):
        return None
    return {"AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"], "AWS_ALLOW_HTTP": "true"}


def table_in(base: LakePath) -> Any:
    """The table, as its own library opens it."""
    return deltalake.DeltaTable(str(base), storage_options=options(base))


def as_rows(table: "pa.Table") -> Rows:
    """By symbol and id."""
    return in_order(table.to_pylist())


def by_deltalake(base: LakePath) -> "pa.Table":
    """The table's own library, in SQL."""
    table = table_in(base)
    asked = deltalake.QueryBuilder().register("t", table).execute("SELECT * FROM t")
    return pa.table(asked.read_all())


def by_pyarrow(base: LakePath) -> "pa.Table":
    """A data set over the table's files."""
    return table_in(base).to_pyarrow_dataset().to_table()


def by_polars(base: LakePath) -> "pa.Table":
    """`scan_delta`."""
    return _scanned(base).collect().to_arrow()


def by_duckdb(base: LakePath) -> "pa.Table":
    """DuckDB over the data set: its own extension is not to be had for this version."""
    trades_of_table = table_in(base).to_pyarrow_dataset()
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("t", trades_of_table)
        return connection.sql("SELECT * FROM t").to_arrow_table()


READERS = (by_deltalake, by_pyarrow, by_polars, by_duckdb)


@pytest.fixture
def symbols(
    request: pytest.FixtureRequest, layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, ...]:
    """The symbols that the reader under test can read there; a test without one reads by Polars."""
    reader = request.node.callspec.params.get("read", by_polars)
    chosen = PLAIN if layout.is_on_store and reader is by_polars else SYMBOLS
    monkeypatch.setattr(stages, "SYMBOLS", chosen)
    return chosen


@pytest.fixture(params=STAGES)
def filled(
    request: pytest.FixtureRequest,
    layout: LakeLayout,
    symbols: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> LakeLayout:
    """A lake with a table, at each stage of its files."""
    assert symbols
    reach(request.param, layout, synced, monkeypatch)
    return layout


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_a_reader_finds_each_row_of_the_lake_once(filled: LakeLayout, read: Reader) -> None:
    """Files of both versions, before and after a merge; every column, every digit, every symbol."""
    assert as_rows(read(filled.base)) == in_the_files(filled, PARTITION_COLUMNS)


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_a_reader_begins_at_a_checkpoint(
    layout: LakeLayout,
    symbols: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    read: Reader,
) -> None:
    """With the versions before it dropped."""
    monkeypatch.setattr("lake.tables.delta.table.CHECKPOINT_INTERVAL", 2)
    for number in range(6):
        at = AT + timedelta(hours=number % 2)
        feed = {"feed": "WS"} if number > 3 else {}
        batch = trades(100 * number + 1, 3, at, **feed)
        land(layout, batch, folder=folder_of(at, symbols[number % len(symbols)]))
        assert sync(layout, DeltaTable(layout), datetime(2999, 1, 1, tzinfo=UTC)) is not None
    assert not (layout.base / "_delta_log" / f"{0:020d}.json").exists()
    assert as_rows(read(layout.base)) == in_the_files(layout, PARTITION_COLUMNS)


def test_filters_find_every_row(filled: LakeLayout) -> None:
    """By a price that no double holds, an id and a time to the microsecond, a folder, a symbol."""
    rows = in_the_files(filled, PARTITION_COLUMNS)
    scanned, data = _scanned(filled.base), _dataset(filled.base)
    for row in rows[::5]:
        for name in ("price", "trade_id", "executed_at", "symbol"):
            wanted = [one for one in rows if one[name] == row[name]]
            found = scanned.filter(pl.col(name) == row[name]).collect()
            assert found.height == len(wanted), (name, row)
        kind = data.schema.field("price").type
        price = pa.scalar(row["price"], kind)
        assert data.to_table(filter=ds.field("price") == price).num_rows == 1
        assert data.to_table(filter=ds.field("executed_at") == row["executed_at"]).num_rows == 1


def test_sql_filters_find_every_row(filled: LakeLayout) -> None:
    """The same in deltalake's SQL, which leaves out files by their bounds."""
    table = table_in(filled.base)
    builder = deltalake.QueryBuilder().register("t", table)
    for row in in_the_files(filled, PARTITION_COLUMNS)[::5]:
        time = row["executed_at"].isoformat()
        asked = (
            f"SELECT count(*) AS n FROM t WHERE price = CAST('{row['price']}' AS DECIMAL(28, 10)) "
            f"AND trade_id = {row['trade_id']} AND symbol = '{row['symbol']}' "
            f"AND hour = {row['hour']} AND executed_at = TIMESTAMP '{time}'"
        )
        assert pa.table(builder.execute(asked).read_all()).to_pylist() == [{"n": 1}], row


def _scanned(base: LakePath) -> "pl.LazyFrame":
    return pl.scan_delta(str(base), storage_options=options(base))


def _dataset(base: LakePath) -> Any:
    return table_in(base).to_pyarrow_dataset()
