"""The questions in SQL, for the readers whose SQL is close to the standard."""

from collections.abc import Callable, Mapping
from typing import Any

Rows = list[tuple[Any, ...]]
Ask = Callable[[Any, str], Rows]

COUNT = "SELECT symbol, count(*) FROM trades GROUP BY symbol"
VOLUME = "SELECT symbol, sum(volume) FROM trades GROUP BY symbol"
TURNOVER = "SELECT symbol, sum(price * volume) FROM trades GROUP BY symbol"
SYMBOL = "SELECT trade_id FROM trades WHERE symbol = '1INCH_USD' ORDER BY trade_id"
PRICE = "SELECT trade_id FROM trades WHERE symbol = 'BTC_USD' AND price {} ORDER BY trade_id"
FEED = "SELECT feed, count(*) FROM trades GROUP BY feed"
TIME = """
    SELECT symbol, trade_id FROM trades
    WHERE executed_at >= TIMESTAMP '2026-01-30 17:59:59.999999+00:00'
        AND executed_at < TIMESTAMP '2026-01-30 18:00:02.000006+00:00'
    ORDER BY symbol, trade_id
"""


def questions(
    ask: Ask, *, vwap: str, price: str = "72944.4", time: str = TIME
) -> Mapping[str, Callable[[Any], Any]]:
    """Every question, by name.

    Args:
        ask: Runs a query on what was opened.
        vwap: The query for the volume-weighted price.
        price: How a price with decimals is written, where it is not as usual.
        time: The query for a range of times, where it is not the usual one.
    """
    return {
        "count": lambda trades: dict(ask(trades, COUNT)),
        "volume": lambda trades: dict(ask(trades, VOLUME)),
        "turnover": lambda trades: dict(ask(trades, TURNOVER)),
        "vwap": lambda trades: dict(ask(trades, vwap)),
        "symbol": lambda trades: firsts(ask(trades, SYMBOL)),
        "price at least": lambda trades: firsts(ask(trades, PRICE.format(">= 72944"))),
        "price equal": lambda trades: firsts(ask(trades, PRICE.format("= 72944"))),
        "price with decimals": lambda trades: firsts(ask(trades, PRICE.format(f"= {price}"))),
        "feed": lambda trades: dict(ask(trades, FEED)),
        "time": lambda trades: [list(row) for row in ask(trades, time)],
    }


def firsts(rows: Rows) -> list[Any]:
    """The first column."""
    return [row[0] for row in rows]
