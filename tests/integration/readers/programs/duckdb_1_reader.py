"""DuckDB 1, whose extension reads Delta tables itself."""

from pathlib import Path

import duckdb
import duckdb_extension_delta
import sql
from asking import answer

VWAP = "SELECT symbol, sum(price * volume) / sum(volume) FROM trades GROUP BY symbol"


EXTENSION = next(Path(duckdb_extension_delta.__file__).parent.rglob("*.duckdb_extension"))


def connected(source):
    connection = duckdb.connect()
    connection.execute(f"LOAD '{EXTENSION}'")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE VIEW trades AS FROM {source}")
    return connection


def files(lake):
    options = "hive_partitioning = true, union_by_name = true"
    return connected(f"read_parquet('{lake}/KRAKEN/**/*.parquet', {options})")


def files_by_one(lake):
    return connected(f"read_parquet('{lake}/KRAKEN/**/*.parquet', hive_partitioning = true)")


def delta(lake):
    return connected(f"delta_scan('{lake}')")


def ask(connection, query):
    return connection.execute(query).fetchall()


answer(
    {"duckdb": duckdb.__version__},
    {"files": files, "delta": delta},
    sql.questions(ask, vwap=VWAP),
    {"files by the columns of one": (files_by_one, ("feed",))},
)
