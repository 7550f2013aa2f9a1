"""DataFusion: over a listing of files, and over the data set of a table."""

import datafusion
import pyarrow as pa
import pyarrow.dataset as ds
import sql
from asking import answer
from deltalake import DeltaTable, __version__
from iceberg_table import files_of, opened
from pyarrow import fs

VWAP = """
    SELECT symbol, CAST(sum(price * volume) AS DOUBLE) / CAST(sum(volume) AS DOUBLE)
    FROM trades GROUP BY symbol
"""
VWAP_OF_DECIMALS = "SELECT symbol, sum(price * volume) / sum(volume) FROM trades GROUP BY symbol"
FOLDERS = [
    ("year", pa.int32()),
    ("month", pa.int32()),
    ("day", pa.int32()),
    ("hour", pa.int32()),
    ("symbol", pa.string()),
]


def files(lake):
    context = datafusion.SessionContext()
    context.register_parquet("trades", f"{lake}/KRAKEN", table_partition_cols=FOLDERS)
    return context


def delta(lake):
    context = datafusion.SessionContext()
    disk = fs.SubTreeFileSystem(lake, fs.LocalFileSystem())
    context.register_dataset("trades", DeltaTable(lake).to_pyarrow_dataset(filesystem=disk))
    return context


def iceberg(lake):
    context, table = datafusion.SessionContext(), opened(lake)
    paths, columns = files_of(table.scan()), table.schema().as_arrow()
    context.register_dataset("trades", ds.dataset(paths, schema=columns, partitioning="hive"))
    return context


def provider(lake):
    context = datafusion.SessionContext()
    context.register_table("trades", DeltaTable(lake))
    return context


def ask(context, query):
    found = context.sql(query).to_arrow_table()
    return list(zip(*(column.to_pylist() for column in found.columns), strict=True))


def with_decimal_literals(context):
    context.sql("SET datafusion.sql_parser.parse_float_as_decimal = true")
    return ids(context, "= 72944.4")


def ids(context, condition):
    return sql.firsts(ask(context, sql.PRICE.format(condition)))


answer(
    {"datafusion": datafusion.__version__, "deltalake": __version__},
    {"files": files, "delta": delta, "iceberg": iceberg},
    {
        **sql.questions(ask, vwap=VWAP, price="CAST('72944.4' AS DECIMAL(28, 10))"),
        "vwap of decimals": lambda context: dict(ask(context, VWAP_OF_DECIMALS)),
        "price by a literal": lambda context: ids(context, "= 72944.4"),
        # Asked last: the setting stays.
        "price by a decimal literal": with_decimal_literals,
    },
    {
        "delta by deltalake's provider": (provider, ("symbol", "time")),
    },
)
