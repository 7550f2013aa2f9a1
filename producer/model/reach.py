"""How far a page of trades reaches.

The number of its rows does not show it: Kraken cuts pages at any length, so only an empty page, or
one that reaches the requested time, is the last.
"""

from producer.model.page import TradesPage
from producer.model.trade_batch import TradeBatch

__all__ = ["age_of_newest", "reaches"]

_MICROS: float = 1e6


def age_of_newest(page: TradesPage) -> float:
    """Return the seconds from the page's newest trade to its arrival; infinity without a trade."""
    trades = TradeBatch.of(page.trades)
    if not trades:
        return float("inf")
    return (max(trades.ingested_micros) - max(trades.executed_micros)) / _MICROS


def reaches(page: TradesPage, micros: int) -> bool:
    """Whether the page has a trade of this time or later, microseconds since 1970."""
    trades = TradeBatch.of(page.trades)
    return bool(trades) and max(trades.executed_micros) >= micros
