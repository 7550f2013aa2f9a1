"""Kraken's candles: one minute of a pair in six figures, read without losing a digit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Final

from producer.kraken.digits import EARLIEST, LATEST, read_decimal, read_integer
from producer.kraken.rest.envelope import Envelope
from producer.model.pair import Pair
from producer.model.units import field
from producer.model.venue_errors import UnknownRowShape

__all__ = ["INTERVAL_MINUTES", "Candle", "read_candles"]

INTERVAL_MINUTES: Final = 1
_FIELDS: Final = 8
"""Further fields, if Kraken adds any, are ignored."""
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Candle:
    """The trades of one minute.

    Attributes:
        symbol: The pair.
        start: When the minute began, UTC.
        open: The first trade's price; without a trade, the previous price.
        high: The highest price.
        low: The lowest price.
        close: The last trade's price.
        volume: The sum of the volumes.
        count: The number of trades.
    """

    symbol: str
    start: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    count: int


def read_candles(envelope: Envelope, *, pair: Pair) -> list[Candle]:
    """Read an opened OHLC answer, oldest first.

        {"error": [], "result": {"XBTUSDT": [ROW, ..., OPEN_ROW], "last": 1762820160}}

    `last` is the start of the newest finished minute. Its figures may still change for a while
    (seen in ccxt#6742), so it is left out, like the unfinished minute after it.

    Raises:
        VenueError: The answer is malformed, or holds a row of unknown shape.
    """
    rows = envelope.result.get(pair.key)
    if not isinstance(rows, list) or not rows:
        raise envelope.malformed(f"holds no candles named {pair.key}")
    candles = []
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) < _FIELDS:
            raise UnknownRowShape(
                f"row {number} of {envelope.asked} is no list of {_FIELDS} or more fields (time, "
                f"open, high, low, close, vwap, volume, count): {row}; Kraken's format has changed"
            )
        try:
            candles.append(_read_row(row, pair.symbol))
        except ValueError as error:
            raise envelope.malformed(f"holds an unusable candle, row {number}: {error}") from error
    if any(earlier.start >= later.start for earlier, later in pairwise(candles)):
        raise envelope.malformed("holds candles that are not in the order of their minutes")
    try:
        newest_closed = _read_minute(envelope.result.get("last"))
    except ValueError as error:
        raise envelope.malformed(f"names no minute as 'last': {error}") from error
    if newest_closed >= candles[-1].start:
        raise envelope.malformed("does not end with the minute that is still open")
    return [candle for candle in candles if candle.start < newest_closed]


def _read_row(row: Sequence[object], symbol: str) -> Candle:
    """Read a row, numbers as text.

        [1762795440, "105410.1", "105410.1", "105351.1", "105351.1", "105382.3", "0.00955370", 5]
         minute      open        high        low         close       vwap        volume        count

    The average price, vwap, is rounded, so nothing can be compared with it.

    Raises:
        ValueError: A field is unusable, or two contradict each other; the message says which.
    """
    start, first, high, low, close, _, volume, count = row[:_FIELDS]
    candle = Candle(
        symbol,
        field("time", _read_minute, start),
        open=field("open", read_decimal, first),
        high=field("high", read_decimal, high),
        low=field("low", read_decimal, low),
        close=field("close", read_decimal, close),
        volume=field("volume", read_decimal, volume),
        count=field("count", read_integer, count),
    )
    if not candle.low <= min(candle.open, candle.close) <= max(candle.open, candle.close):
        raise ValueError(f"low: {low} lies above open {first} or close {close}")
    if candle.high < max(candle.open, candle.close):
        raise ValueError(f"high: {high} lies below open {first} or close {close}")
    if candle.count < 0 or candle.volume < 0 or (candle.count == 0) != (candle.volume == 0):
        raise ValueError(f"count: {count} trades do not make a volume of {volume}")
    return candle


def _read_minute(value: object) -> datetime:
    """Read the unix seconds at which a minute begins.

    Raises:
        ValueError: The value is no such number.
    """
    seconds = read_integer(value)
    if seconds % _MINUTE or not EARLIEST <= seconds < LATEST:
        raise ValueError(f"{seconds} is no whole minute in unix seconds between 2011 and 2100")
    return datetime.fromtimestamp(seconds, UTC)
