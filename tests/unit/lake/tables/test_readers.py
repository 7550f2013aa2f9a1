"""The table read by other programs: the same rows as in the lake's files.

Read with deltalake 1.6.6, Polars 2.1.0, pyarrow 26.0.1 and DuckDB 2.0.1.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from lake.layout import PARTITION_COLUMNS, LakeLayout, folder_of
from lake.tables.delta.table import DeltaTable
from lake.tables.sync import sync
from tests.unit.lake.lakes import AT, land
from tests.unit.lake.tables.stages import (
    STAGES,
    SYMBOLS,
    Rows,
    in_order,
    in_the_files,
    reach,
)
from tests.unit.lake.tables.trades import synced, trades

deltalake = pytest.importorskip("deltalake")

Reader = Callable[[Path], "pa.Table"]


def as_rows(table: "pa.Table") -> Rows:
    """By symbol and id."""
    return in_order(table.to_pylist())


def by_deltalake(base: Path) -> "pa.Table":
    """The table's own library, in SQL."""
    table = deltalake.DeltaTable(str(base))
    asked = deltalake.QueryBuilder().register("t", table).execute("SELECT * FROM t")
    return pa.table(asked.read_all())


def by_pyarrow(base: Path) -> "pa.Table":
    """A data set over the table's files."""
    return deltalake.DeltaTable(str(base)).to_pyarrow_dataset().to_table()


def by_polars(base: Path) -> "pa.Table":
    """`scan_delta`."""
    return pl.scan_delta(str(base)).collect().to_arrow()


def by_duckdb(base: Path) -> "pa.Table":
    """DuckDB over the data set: its own extension is not to be had for this version."""
    trades_of_table = deltalake.DeltaTable(str(base)).to_pyarrow_dataset()
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("t", trades_of_table)
        return connection.sql("SELECT * FROM t").to_arrow_table()


READERS = (by_deltalake, by_pyarrow, by_polars, by_duckdb)


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
    assert as_rows(read(filled.base)) == in_the_files(filled, PARTITION_COLUMNS)


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_a_reader_begins_at_a_checkpoint(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch, read: Reader
) -> None:
    """With the versions before it dropped."""
    monkeypatch.setattr("lake.tables.delta.table.CHECKPOINT_INTERVAL", 2)
    for number in range(6):
        at = AT + timedelta(hours=number % 2)
        feed = {"feed": "WS"} if number > 3 else {}
        batch = trades(100 * number + 1, 3, at, **feed)
        land(layout, batch, folder=folder_of(at, SYMBOLS[number % len(SYMBOLS)]))
        assert sync(layout, DeltaTable(layout), datetime(2999, 1, 1, tzinfo=UTC)) is not None
    assert not (layout.base / "_delta_log" / f"{0:020d}.json").exists()
    assert as_rows(read(layout.base)) == in_the_files(layout, PARTITION_COLUMNS)


def test_filters_find_every_row(filled: LakeLayout) -> None:
    """By a price that no double holds, an id and a time to the microsecond, a folder, a symbol."""
    rows = in_the_files(filled, PARTITION_COLUMNS)
    scanned, data = pl.scan_delta(str(filled.base)), _dataset(filled.base)
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
    table = deltalake.DeltaTable(str(filled.base))
    builder = deltalake.QueryBuilder().register("t", table)
    for row in in_the_files(filled, PARTITION_COLUMNS)[::5]:
        time = row["executed_at"].isoformat()
        asked = (
            f"SELECT count(*) AS n FROM t WHERE price = CAST('{row['price']}' AS DECIMAL(28, 10)) "
            f"AND trade_id = {row['trade_id']} AND symbol = '{row['symbol']}' "
            f"AND hour = {row['hour']} AND executed_at = TIMESTAMP '{time}'"
        )
        assert pa.table(builder.execute(asked).read_all()).to_pylist() == [{"n": 1}], row


def _dataset(base: Path) -> Any:
    return deltalake.DeltaTable(str(base)).to_pyarrow_dataset()
