"""DuckDB 2: over a listing of files, the files of a table, and the data set of a Delta table."""

import duckdb
import sql
from asking import answer
from deltalake import DeltaTable, __version__
from iceberg_table import files_of, opened
from pyarrow import fs

VWAP = "SELECT symbol, sum(price * volume) / sum(volume) FROM trades GROUP BY symbol"


def connected():
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def view_of(paths, options="hive_partitioning = true, union_by_name = true"):
    connection = connected()
    connection.execute(f"CREATE VIEW trades AS FROM read_parquet({paths!r}, {options})")
    return connection


def files(lake):
    return view_of(f"{lake}/KRAKEN/**/*.parquet")


def files_by_one(lake):
    return view_of(f"{lake}/KRAKEN/**/*.parquet", "hive_partitioning = true")


def delta(lake):
    return view_of(DeltaTable(lake).file_uris())


def iceberg(lake):
    return view_of(files_of(opened(lake).scan()))


def data_set(lake):
    connection = connected()
    disk = fs.SubTreeFileSystem(lake, fs.LocalFileSystem())
    connection.register("trades", DeltaTable(lake).to_pyarrow_dataset(filesystem=disk))
    return connection


def ask(connection, query):
    return connection.execute(query).fetchall()


answer(
    {"duckdb": duckdb.__version__, "deltalake": __version__},
    {"files": files, "delta": delta, "iceberg": iceberg},
    sql.questions(ask, vwap=VWAP),
    {
        "files by the columns of one": (files_by_one, ("feed",)),
        "delta by the data set": (data_set, ("symbol", "time")),
    },
)
