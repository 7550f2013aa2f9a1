"""pandas, which reads with pyarrow."""

from datetime import UTC, datetime
from decimal import Decimal, localcontext

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
from asking import answer
from deltalake import DeltaTable, __version__
from iceberg_table import files_of, opened


def files(lake):
    # The columns of all files: one file alone may lack the newest.
    fragments = ds.dataset(f"{lake}/KRAKEN", partitioning="hive").get_fragments()
    of_files = [fragment.physical_schema for fragment in fragments]
    columns = pa.unify_schemas([*of_files, pa.schema([("symbol", pa.string())])])

    def read(names, condition=None):
        return pd.read_parquet(f"{lake}/KRAKEN", columns=names, filters=condition, schema=columns)

    return read


def files_by_one(lake):
    return lambda names, filters=None: pd.read_parquet(
        f"{lake}/KRAKEN", columns=names, filters=filters
    )


def delta(lake):
    table = DeltaTable(lake)
    return read_of(table.file_uris(), pa.schema(table.schema().to_arrow()))


def iceberg(lake):
    table = opened(lake)
    return read_of(files_of(table.scan()), table.schema().as_arrow())


def read_of(paths, columns):
    return lambda names, condition=None: pd.read_parquet(
        paths, columns=names, filters=condition, schema=columns
    )


def by_symbol(rows, value):
    return rows.assign(value=value).groupby("symbol", observed=True)["value"].sum().to_dict()


def volume(read):
    rows = read(["symbol", "volume"])
    return by_symbol(rows, rows["volume"])


def turnover(read, digits=38):
    rows = read(["symbol", "price", "volume"])
    # Python's own decimals, which keep as many digits as the context says: 28, if nobody does.
    with localcontext(prec=digits):
        return by_symbol(rows, rows["price"] * rows["volume"])


def vwap(read):
    rows = read(["symbol", "price", "volume"])
    with localcontext(prec=38):
        sums = rows.assign(turnover=rows["price"] * rows["volume"]).groupby("symbol", observed=True)
        return (sums["turnover"].sum() / sums["volume"].sum()).to_dict()


def ids(read, condition):
    return sorted(read(["trade_id"], condition)["trade_id"].tolist())


def in_range(read):
    first = datetime(2026, 1, 30, 17, 59, 59, 999_999, tzinfo=UTC)
    end = datetime(2026, 1, 30, 18, 0, 2, 6, tzinfo=UTC)
    at = ds.field("executed_at")
    rows = read(["symbol", "trade_id"], (at >= first) & (at < end))
    return sorted(zip(rows["symbol"].tolist(), rows["trade_id"].tolist(), strict=True))


def counted(column):
    found = column.value_counts(dropna=False)
    return {None if pd.isna(value) else value: int(n) for value, n in found.items()}


BTC, PRICE = ds.field("symbol") == "BTC_USD", ds.field("price")
AMOUNT = pa.decimal128(28, 10)
WHOLE, WITH_DECIMALS = (pa.scalar(Decimal(text), AMOUNT) for text in ("72944", "72944.4"))
answer(
    {"pandas": pd.__version__, "pyarrow": pa.__version__, "deltalake": __version__},
    {"files": files, "delta": delta, "iceberg": iceberg},
    {
        "count": lambda read: counted(read(["symbol"])["symbol"]),
        "volume": volume,
        "turnover": turnover,
        "vwap": vwap,
        "symbol": lambda read: ids(read, ds.field("symbol") == "1INCH_USD"),
        "price at least": lambda read: ids(read, BTC & (PRICE >= WHOLE)),
        "price equal": lambda read: ids(read, BTC & (PRICE == WHOLE)),
        "price with decimals": lambda read: ids(read, BTC & (PRICE == WITH_DECIMALS)),
        "feed": lambda read: counted(read(["feed"])["feed"]),
        "time": in_range,
        "turnover with 28 digits": lambda read: turnover(read, 28),
        "price by a float": lambda read: ids(read, BTC & (PRICE == 72944.4)),
        "price by an int": lambda read: ids(read, BTC & (PRICE >= 72_944)),
    },
    {
        "files by the columns of one": (files_by_one, ("feed",)),
    },
)
