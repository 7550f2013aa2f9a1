"""Candles: the trades of a pair summed up by spans of time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

__all__ = ["CANDLES", "WIDTHS", "Candle", "merged", "rolled", "width_for"]

WIDTHS: Final = (1, 5, 15, 60, 300, 900, 3600, 14400, 86400, 604800)
"""The spans that candles are made for, in seconds."""
_MOST_CANDLES: Final = 400

CANDLES: Final = """
    SELECT epoch_us(executed_at) // 1000000 // $width * $width AS begins, count(*), sum(volume),
           count(*) FILTER (side = 'BUY'), coalesce(sum(volume) FILTER (side = 'BUY'), 0),
           arg_min(price, trade_id), max(price), min(price), arg_max(price, trade_id),
           min(trade_id), max(trade_id)
    FROM read_parquet($files, hive_partitioning = false)
    GROUP BY begins ORDER BY begins
"""


@dataclass(frozen=True, slots=True)
class Candle:
    """The trades of one span of time.

    Attributes:
        at: when it begins, in seconds since 1970.
        trades: how many trades.
        volume: the sum of their volumes, in the base currency.
        buys: how many had a buyer as taker.
        buy_volume: the sum of those.
        open, high, low, close: prices; the first and the last by trade id.
        first_id, last_id: the lowest and the highest trade id.
    """

    at: int
    trades: int
    volume: Decimal
    buys: int
    buy_volume: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    first_id: int
    last_id: int


def merged(at: int, candles: Sequence[Candle]) -> Candle:
    """Make one candle of several, in any order, that have no trade in common."""
    if len(candles) == 1 and candles[0].at == at:
        return candles[0]
    first = min(candles, key=lambda one: one.first_id)
    last = max(candles, key=lambda one: one.last_id)
    return Candle(
        at=at,
        trades=sum(one.trades for one in candles),
        volume=sum((one.volume for one in candles), Decimal(0)),
        buys=sum(one.buys for one in candles),
        buy_volume=sum((one.buy_volume for one in candles), Decimal(0)),
        open=first.open,
        high=max(one.high for one in candles),
        low=min(one.low for one in candles),
        close=last.close,
        first_id=first.first_id,
        last_id=last.last_id,
    )


def rolled(candles: Iterable[Candle], width: int) -> list[Candle]:
    """Make candles of `width` seconds from narrower ones, oldest first."""
    spans: dict[int, list[Candle]] = {}
    for candle in candles:
        spans.setdefault(candle.at // width * width, []).append(candle)
    return [merged(at, spans[at]) for at in sorted(spans)]


def width_for(seconds: float) -> int:
    """Return the narrowest span that gives a chart of so many seconds a readable number of them."""
    return next((one for one in WIDTHS if seconds / one <= _MOST_CANDLES), WIDTHS[-1])
