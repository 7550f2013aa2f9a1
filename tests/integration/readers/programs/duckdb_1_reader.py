"""DuckDB 1, whose extensions read tables themselves."""

from pathlib import Path

import duckdb
import duckdb_extension_avro
import duckdb_extension_delta
import duckdb_extension_iceberg
import sql
from asking import answer
from iceberg_table import opened

VWAP = "SELECT symbol, sum(price * volume) / sum(volume) FROM trades GROUP BY symbol"

# In this order: that of Iceberg needs that of Avro.
EXTENSIONS = (duckdb_extension_delta, duckdb_extension_avro, duckdb_extension_iceberg)


def connected(source):
    connection = duckdb.connect()
    for extension in EXTENSIONS:
        path = next(Path(extension.__file__).parent.rglob("*.duckdb_extension"))
        connection.execute(f"LOAD '{path}'")
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


def iceberg(lake):
    return connected(f"iceberg_scan('{opened(lake).metadata_location}')")


def ask(connection, query):
    return connection.execute(query).fetchall()


answer(
    {"duckdb": duckdb.__version__},
    {"files": files, "delta": delta, "iceberg": iceberg},
    sql.questions(ask, vwap=VWAP),
    {"files by the columns of one": (files_by_one, ("feed",))},
)
