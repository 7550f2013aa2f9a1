"""Polars: expressions over lazy frames, and its own SQL for the turnover."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from asking import answer
from deltalake import __version__
from iceberg_table import opened

from lake import schema
from lake.layout import LakeLayout

SYMBOL, PRICE = pl.col("symbol"), pl.col("price")
VOLUME, WIDE = pl.col("volume"), pl.Decimal(38, 20)
# As many decimals as the product has; with those of the factors it would be rounded.
TURNOVER = (PRICE.cast(WIDE) * VOLUME.cast(WIDE)).sum()
VWAP = TURNOVER.cast(pl.Float64) / VOLUME.sum().cast(pl.Float64)
IN_SQL = "SELECT symbol, sum(price * volume) AS turnover FROM trades GROUP BY symbol"


def files(lake):
    return pl.scan_parquet(
        f"{lake}/KRAKEN/**/*.parquet",
        hive_partitioning=True,
        missing_columns="insert",
        schema=pl.Schema(schema(LakeLayout(Path(lake), "KRAKEN"))),
    )


def files_by_one(lake):
    return pl.scan_parquet(f"{lake}/KRAKEN/**/*.parquet", hive_partitioning=True)


def delta(lake):
    return pl.scan_delta(lake)


def iceberg(lake):
    return pl.scan_iceberg(opened(lake))


def by_symbol(trades, value):
    return dict(trades.group_by("symbol").agg(value).collect().iter_rows())


def by_sql(trades, query):
    return dict(pl.SQLContext(trades=trades).execute(query).collect().iter_rows())


def ids(trades, condition):
    found = trades.filter(condition).select("trade_id").sort("trade_id").collect()
    return found["trade_id"].to_list()


def in_range(trades):
    first = datetime(2026, 1, 30, 17, 59, 59, 999_999, tzinfo=UTC)
    end = datetime(2026, 1, 30, 18, 0, 2, 6, tzinfo=UTC)
    found = trades.filter(pl.col("executed_at").is_between(first, end, closed="left"))
    return found.select("symbol", "trade_id").sort("symbol", "trade_id").collect().rows()


answer(
    {"polars": pl.__version__, "deltalake": __version__},
    {"files": files, "delta": delta, "iceberg": iceberg},
    {
        "count": lambda trades: by_symbol(trades, pl.len()),
        "volume": lambda trades: by_symbol(trades, VOLUME.sum()),
        "turnover": lambda trades: by_symbol(trades, TURNOVER),
        "vwap": lambda trades: by_symbol(trades, VWAP),
        "symbol": lambda trades: ids(trades, SYMBOL == "1INCH_USD"),
        "price at least": lambda trades: ids(trades, (SYMBOL == "BTC_USD") & (PRICE >= 72_944)),
        "price equal": lambda trades: ids(trades, (SYMBOL == "BTC_USD") & (PRICE == 72_944)),
        "price with decimals": lambda trades: ids(
            trades, (SYMBOL == "BTC_USD") & (PRICE == 72944.4)
        ),
        "feed": lambda trades: dict(trades.group_by("feed").agg(pl.len()).collect().iter_rows()),
        "time": in_range,
        "turnover as it comes": lambda trades: by_symbol(trades, (PRICE * VOLUME).sum()),
        "turnover in SQL": lambda trades: by_sql(trades, IN_SQL),
    },
    {
        "files by the columns of one": (files_by_one, ("feed",)),
    },
)
