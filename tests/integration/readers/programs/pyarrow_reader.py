"""pyarrow: data sets, with the product in 256 bits."""

from datetime import UTC, datetime
from decimal import Decimal, localcontext
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from asking import answer
from deltalake import DeltaTable, __version__
from iceberg_table import files_of, opened
from pyarrow import fs

from lake import schema
from lake.layout import LakeLayout

SYMBOL, PRICE, VOLUME = ds.field("symbol"), ds.field("price"), ds.field("volume")
AMOUNT, WIDE = pa.decimal128(28, 10), pa.decimal256(28, 10)
TURNOVER = pc.multiply(PRICE.cast(WIDE), VOLUME.cast(WIDE))


def files(lake):
    columns = schema(LakeLayout(Path(lake), "KRAKEN")).append(pa.field("symbol", pa.string()))
    return ds.dataset(f"{lake}/KRAKEN", schema=columns, partitioning=ds.partitioning(flavor="hive"))


def files_by_one(lake):
    return ds.dataset(f"{lake}/KRAKEN", partitioning="hive")


def delta(lake, predicate=None):
    table = DeltaTable(lake)
    return ds.dataset(
        table.file_uris(file_pruning_predicate=predicate),
        schema=pa.schema(table.schema().to_arrow()),
        partitioning=ds.partitioning(flavor="hive"),
    )


def iceberg(lake, *condition):
    table = opened(lake)
    return ds.dataset(
        files_of(table.scan(*condition)),
        schema=table.schema().as_arrow(),
        partitioning=ds.partitioning(flavor="hive"),
    )


def delta_of_the_range(lake):
    first, end = "2026-01-30T17:59:59.999999Z", "2026-01-30T18:00:02.000006Z"
    return delta(lake, f"executed_at >= '{first}' AND executed_at < '{end}'")


def iceberg_of_the_range(lake):
    first, end = "2026-01-30T17:59:59.999999+00:00", "2026-01-30T18:00:02.000006+00:00"
    return iceberg(lake, f"executed_at >= '{first}' and executed_at < '{end}'")


def data_set(lake):
    disk = fs.SubTreeFileSystem(lake, fs.LocalFileSystem())
    return DeltaTable(lake).to_pyarrow_dataset(filesystem=disk)


def counts(trades, column):
    found = trades.to_table(columns=[column]).group_by(column).aggregate([([], "count_all")])
    return dict(zip(*(found.column(name).to_pylist() for name in found.column_names), strict=True))


def sums(trades, value):
    found = trades.to_table(columns={"symbol": SYMBOL, "value": value})
    summed = found.group_by("symbol").aggregate([("value", "sum")])
    pairs = zip(summed["symbol"].to_pylist(), summed["value_sum"].to_pylist(), strict=True)
    return dict(pairs)


def vwap(trades):
    turnover, volume = sums(trades, TURNOVER), sums(trades, VOLUME)
    with localcontext(prec=50):
        return {symbol: turnover[symbol] / volume[symbol] for symbol in turnover}


def ids(trades, condition):
    found = trades.to_table(columns=["trade_id"], filter=condition)
    return sorted(found["trade_id"].to_pylist())


def in_range(trades):
    first = datetime(2026, 1, 30, 17, 59, 59, 999_999, tzinfo=UTC)
    end = datetime(2026, 1, 30, 18, 0, 2, 6, tzinfo=UTC)
    at = ds.field("executed_at")
    found = trades.to_table(columns=["symbol", "trade_id"], filter=(at >= first) & (at < end))
    return sorted(zip(found["symbol"].to_pylist(), found["trade_id"].to_pylist(), strict=True))


BTC = SYMBOL == "BTC_USD"
WHOLE, WITH_DECIMALS = (pa.scalar(Decimal(text), AMOUNT) for text in ("72944", "72944.4"))
answer(
    {"pyarrow": pa.__version__, "deltalake": __version__},
    {"files": files, "delta": delta, "iceberg": iceberg},
    {
        "count": lambda trades: counts(trades, "symbol"),
        "volume": lambda trades: sums(trades, VOLUME),
        "turnover": lambda trades: sums(trades, TURNOVER),
        "vwap": vwap,
        "symbol": lambda trades: ids(trades, SYMBOL == "1INCH_USD"),
        "price at least": lambda trades: ids(trades, BTC & (PRICE >= WHOLE)),
        "price equal": lambda trades: ids(trades, BTC & (PRICE == WHOLE)),
        "price with decimals": lambda trades: ids(trades, BTC & (PRICE == WITH_DECIMALS)),
        "feed": lambda trades: counts(trades, "feed"),
        "time": in_range,
        "turnover in 128 bits": lambda trades: sums(trades, pc.multiply(PRICE, VOLUME)),
        "price by an int": lambda trades: ids(trades, BTC & (PRICE >= 72_944)),
        "price by a float": lambda trades: ids(trades, BTC & (PRICE == 72944.4)),
    },
    {
        "files by the columns of one": (files_by_one, ("feed",)),
        "delta of the range": (delta_of_the_range, ("time",)),
        "iceberg of the range": (iceberg_of_the_range, ("time",)),
        "delta by the data set": (data_set, ("symbol", "time")),
    },
)
