"""deltalake, which reads Delta tables only, in SQL of DataFusion."""

import pyarrow as pa
import sql
from asking import answer
from deltalake import DeltaTable, QueryBuilder, __version__

VWAP = """
    SELECT symbol, CAST(sum(price * volume) AS DOUBLE) / CAST(sum(volume) AS DOUBLE)
    FROM trades GROUP BY symbol
"""
VWAP_OF_DECIMALS = "SELECT symbol, sum(price * volume) / sum(volume) FROM trades GROUP BY symbol"


def delta(lake):
    return QueryBuilder().register("trades", DeltaTable(lake))


def ask(trades, query):
    found = pa.table(trades.execute(query).read_all())
    return list(zip(*(column.to_pylist() for column in found.columns), strict=True))


def ids(trades, condition):
    return sql.firsts(ask(trades, sql.PRICE.format(condition)))


answer(
    {"deltalake": __version__},
    {"delta": delta},
    {
        **sql.questions(ask, vwap=VWAP, price="CAST('72944.4' AS DECIMAL(28, 10))"),
        "vwap of decimals": lambda trades: dict(ask(trades, VWAP_OF_DECIMALS)),
        "price by a literal": lambda trades: ids(trades, "= 72944.4"),
    },
)
