"""A trade a minute, as rows of a lake and as an exchange's candles."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

import pyarrow as pa

from lake.verify.checks.candle_check import Candle
from tests.unit.lake.lakes import AT

MINUTE = timedelta(minutes=1)
DECIMAL = pa.decimal128(28, 10)


def table(trades: Iterable[tuple[int, datetime, Decimal, Decimal]]) -> pa.Table:
    """Rows of trade_id, executed_at, price and volume."""
    ids, times, prices, volumes = zip(*trades, strict=True)
    return pa.table(
        {
            "trade_id": pa.array(ids, pa.int64()),
            "executed_at": pa.array(times, pa.timestamp("us", "UTC")),
            "price": pa.array(prices, DECIMAL),
            "volume": pa.array(volumes, DECIMAL),
        }
    )


def one_a_minute(ids: Iterable[int], at: datetime = AT) -> pa.Table:
    """A trade a minute, the minute's number being the id less 1."""
    price = Decimal("1.5")
    return table((one, at + (one - 1) * MINUTE, price, price) for one in ids)


def minute_candles(count: int, at: datetime = AT, *, quiet: Iterable[int] = ()) -> list[Candle]:
    """What an exchange tells that had a trade a minute."""
    price, none = Decimal("1.5"), Decimal(0)
    full = Candle(
        symbol="BTC/USD",
        start=at,
        **dict.fromkeys(("open", "high", "low", "close", "volume"), price),
        count=1,
    )
    return [
        full.model_copy(
            update={
                "start": at + number * MINUTE,
                **({"count": 0, "volume": none} if number in quiet else {}),
            }
        )
        for number in range(count)
    ]
