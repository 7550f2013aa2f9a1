"""The queries of a day of trades, by a listing of the lake's files and by its tables."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from deltalake import DeltaTable
from pyarrow import fs
from pyiceberg.catalog import load_catalog
from pyiceberg.table import Table

from benchmarks.suite.questions import Question, frame_for, sql_for
from lake.layout import LakeLayout
from lake.read.columns import schema

__all__ = ["READERS", "Answer"]

Answer = Callable[[LakeLayout, Question, str], int]
"""Answers a question about a symbol, listing or log and footers included: the number of rows."""

_HIVE: Final = "hive_partitioning = true, union_by_name = true"
_NOON: Final = datetime(2026, 1, 30, 12, tzinfo=UTC)


def _duckdb_files(layout: LakeLayout, question: Question, symbol: str) -> int:
    source = f"read_parquet('{layout.trades}/**/*.parquet', {_HIVE})"
    with _connection() as connection:
        return len(connection.sql(sql_for(question, source, symbol)).to_arrow_table())


def _duckdb_delta(layout: LakeLayout, question: Question, symbol: str) -> int:
    return _duckdb(DeltaTable(layout.base).file_uris(), question, symbol)


def _duckdb_iceberg(layout: LakeLayout, question: Question, symbol: str) -> int:
    return _duckdb(_files_of(_iceberg(layout)), question, symbol)


def _duckdb(paths: Sequence[str], question: Question, symbol: str) -> int:
    with _connection() as connection:
        source = f"read_parquet({paths!r}, {_HIVE})"
        return len(connection.sql(sql_for(question, source, symbol)).to_arrow_table())


def _duckdb_delta_data_set(layout: LakeLayout, question: Question, symbol: str) -> int:
    with _connection() as connection:
        connection.register("trades", _on_disk(layout))
        return len(connection.sql(sql_for(question, "trades", symbol)).to_arrow_table())


def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _polars_files(layout: LakeLayout, question: Question, symbol: str) -> int:
    files = pl.scan_parquet(
        f"{layout.trades}/**/*.parquet", hive_partitioning=True, missing_columns="insert"
    )
    return frame_for(question, files, symbol).collect().height


def _polars_delta(layout: LakeLayout, question: Question, symbol: str) -> int:
    return frame_for(question, pl.scan_delta(str(layout.base)), symbol).collect().height


def _polars_iceberg(layout: LakeLayout, question: Question, symbol: str) -> int:
    return frame_for(question, pl.scan_iceberg(_iceberg(layout)), symbol).collect().height


def _pyarrow_files(layout: LakeLayout, question: Question, symbol: str) -> int:
    columns = schema(layout).append(pa.field("symbol", pa.string()))
    hive = ds.partitioning(flavor="hive")
    return _pyarrow(ds.dataset(layout.trades, schema=columns, partitioning=hive), question, symbol)


def _pyarrow_delta(layout: LakeLayout, question: Question, symbol: str) -> int:
    return _pyarrow(_on_disk(layout), question, symbol)


def _pyarrow_iceberg(layout: LakeLayout, question: Question, symbol: str) -> int:
    table, hive = _iceberg(layout), ds.partitioning(flavor="hive")
    columns = table.schema().as_arrow()
    found = ds.dataset(_files_of(table), schema=columns, partitioning=hive, format="parquet")
    return _pyarrow(found, question, symbol)


def _iceberg(layout: LakeLayout) -> Table:
    """The table of a catalog that is opened for it, as by a program that begins."""
    catalog = load_catalog("lake", uri=f"sqlite:///{layout.base}/_iceberg/catalog.db")
    return catalog.load_table("kraken.trades")


def _files_of(table: Table) -> list[str]:
    planned = table.scan().plan_files()
    return [one.file.file_path.removeprefix("file://") for one in planned]


def _pyarrow_delta_as_it_comes(layout: LakeLayout, question: Question, symbol: str) -> int:
    return _pyarrow(DeltaTable(layout.base).to_pyarrow_dataset(), question, symbol)


def _on_disk(layout: LakeLayout) -> ds.Dataset:
    """The table's data set, whose files pyarrow opens itself and not through deltalake."""
    disk = fs.SubTreeFileSystem(str(layout.base), fs.LocalFileSystem())
    return DeltaTable(layout.base).to_pyarrow_dataset(filesystem=disk)


def _pyarrow(trades: ds.Dataset, question: Question, symbol: str) -> int:
    return _PYARROW[question](trades, symbol)


def _scan(trades: ds.Dataset, _: str) -> int:
    price, volume = ds.field("price"), ds.field("volume")
    columns: dict[str, Any] = {
        name: ds.field(name) for name in ("symbol", "price", "volume", "side", "trade_id")
    }
    columns["turnover"] = pc.multiply(price.cast(pa.float64()), volume.cast(pa.float64()))
    waited = pc.subtract(ds.field("ingested_at"), ds.field("executed_at"))
    columns["waited"] = waited.cast(pa.int64())
    found = trades.to_table(columns=columns).group_by("symbol")
    sums = [("price", "min"), ("price", "max"), ("volume", "sum"), ("turnover", "sum")]
    others = [("trade_id", "max"), ("waited", "max"), ([], "count_all")]
    return found.aggregate([*sums, *others]).num_rows  # type: ignore[list-item]  # its stub wants literals


def _candles(trades: ds.Dataset, symbol: str) -> int:
    minute = pc.floor_temporal(ds.field("executed_at"), unit="minute")
    # pyarrow has no first and last of decimals.
    price = ds.field("price").cast(pa.float64())
    columns = {"minute": minute, "price": price, "volume": ds.field("volume")}
    found = trades.to_table(columns=columns, filter=ds.field("symbol") == symbol)
    sums = [("price", "first"), ("price", "max"), ("price", "min"), ("price", "last")]
    grouped = found.group_by("minute", use_threads=False)
    return grouped.aggregate([*sums, ("volume", "sum")]).num_rows  # type: ignore[list-item]  # as above


def _hour(trades: ds.Dataset, symbol: str) -> int:
    at = ds.field("executed_at")
    within = (at >= _NOON) & (at < _NOON + timedelta(hours=1))
    return trades.to_table(filter=(ds.field("symbol") == symbol) & within).num_rows


_PYARROW: Final = {
    Question.SCAN: _scan,
    Question.CANDLES: _candles,
    Question.HOUR: _hour,
}

READERS: Final[Mapping[str, Mapping[str, Answer]]] = {
    "duckdb": {
        "files": _duckdb_files,
        "delta": _duckdb_delta,
        "delta_data_set": _duckdb_delta_data_set,
        "iceberg": _duckdb_iceberg,
    },
    "polars": {"files": _polars_files, "delta": _polars_delta, "iceberg": _polars_iceberg},
    "pyarrow": {
        "files": _pyarrow_files,
        "delta": _pyarrow_delta,
        "delta_as_it_comes": _pyarrow_delta_as_it_comes,
        "iceberg": _pyarrow_iceberg,
    },
}
"""By reader and by what it reads; `as_it_comes` is without what docs/readers.md advises."""
