"""PyIceberg, which reads Iceberg tables only, into tables of pyarrow."""

from decimal import Decimal, localcontext

import pyarrow as pa
import pyarrow.compute as pc
from asking import answer
from iceberg_table import opened
from pyiceberg import __version__
from pyiceberg.expressions import And, EqualTo

BTC = "symbol == 'BTC_USD'"
RANGE = """
    executed_at >= '2026-01-30T17:59:59.999999+00:00'
    and executed_at < '2026-01-30T18:00:02.000006+00:00'
"""
AMOUNT, WIDE = pa.decimal128(28, 10), pa.decimal256(28, 10)
WITH_DECIMALS = EqualTo("price", Decimal("72944.4").quantize(Decimal("1e-10")))


def read(table, names, *condition):
    return table.scan(*condition, selected_fields=names).to_arrow()


def counts(table, name):
    found = read(table, (name,)).group_by(name).aggregate([([], "count_all")])
    return dict(zip(*(found.column(one).to_pylist() for one in found.column_names), strict=True))


def by_symbol(trades, value):
    summed = trades.append_column("value", value).group_by("symbol").aggregate([("value", "sum")])
    return dict(zip(summed["symbol"].to_pylist(), summed["value_sum"].to_pylist(), strict=True))


def volume(table):
    trades = read(table, ("symbol", "volume"))
    return by_symbol(trades, trades["volume"])


def turnover(table, amount=WIDE):
    trades = read(table, ("symbol", "price", "volume"))
    product = pc.multiply(trades["price"].cast(amount), trades["volume"].cast(amount))
    return by_symbol(trades, product)


def vwap(table):
    turnovers, volumes = turnover(table), volume(table)
    with localcontext(prec=50):
        return {symbol: turnovers[symbol] / volumes[symbol] for symbol in turnovers}


def ids(table, condition):
    # The files have no symbol. If it is not selected, a filter on it finds nothing.
    return sorted(read(table, ("symbol", "trade_id"), condition)["trade_id"].to_pylist())


def in_range(table):
    found = read(table, ("symbol", "trade_id"), RANGE)
    return sorted(zip(found["symbol"].to_pylist(), found["trade_id"].to_pylist(), strict=True))


answer(
    {"pyiceberg": __version__, "pyarrow": pa.__version__},
    {"iceberg": opened},
    {
        "count": lambda table: counts(table, "symbol"),
        "volume": volume,
        "turnover": turnover,
        "vwap": vwap,
        "symbol": lambda table: ids(table, "symbol == '1INCH_USD'"),
        "price at least": lambda table: ids(table, f"{BTC} and price >= 72944"),
        "price equal": lambda table: ids(table, f"{BTC} and price == 72944"),
        "price with decimals": lambda table: ids(
            table, And(EqualTo("symbol", "BTC_USD"), WITH_DECIMALS)
        ),
        "feed": lambda table: counts(table, "feed"),
        "time": in_range,
        "turnover in 128 bits": lambda table: turnover(table, AMOUNT),
        "symbol that is not selected": lambda table: read(
            table, ("trade_id",), "symbol == '1INCH_USD'"
        )["trade_id"].to_pylist(),
        "price by a literal": lambda table: ids(table, f"{BTC} and price == 72944.4"),
    },
)
