"""Read entries of the trade channel into trades, without losing a digit. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, TypeVar

from producer.kraken.digits import read_decimal, read_integer
from producer.kraken.websocket.messages import Entries
from producer.model.feed_events import LiveTrades
from producer.model.pair import Pair
from producer.model.trade import Feed, OrderType, Side, Trade
from producer.model.units import field

__all__ = ["read_entry", "read_trades"]

T = TypeVar("T")

_SIDES: Final[Mapping[str, Side]] = MappingProxyType({"buy": Side.BUY, "sell": Side.SELL})
_ORDER_TYPES: Final[Mapping[str, OrderType]] = MappingProxyType(
    {"market": OrderType.MARKET, "limit": OrderType.LIMIT}
)
_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z", re.ASCII)
_YEARS: Final = range(2011, 2100)
"""Kraken was founded in 2011; see `producer.kraken.digits`."""


def read_trades(
    message: Entries, pairs: Mapping[str, Pair], *, exchange: str, received_at: datetime
) -> list[LiveTrades]:
    """Read the trades of a message, pair by pair.

    Args:
        message: The message.
        pairs: The pairs subscribed to, by their feed names; entries of others are left out.
        exchange: The exchange's name in every trade.
        received_at: When the message came.
    """
    trades: dict[Pair, list[Trade]] = {}
    faults: dict[Pair, list[str]] = {}
    for entry in message.entries:
        pair = pairs.get(str(entry.get("symbol")))
        if pair is None:
            continue
        of_pair = trades.setdefault(pair, [])
        try:
            of_pair.append(
                read_entry(entry, exchange=exchange, symbol=pair.symbol, received_at=received_at)
            )
        except ValueError as error:
            faults.setdefault(pair, []).append(str(error))
    return [
        LiveTrades(pair, of_pair, message.snapshot, faults.get(pair, ()))
        for pair, of_pair in trades.items()
    ]


def read_entry(
    entry: Mapping[str, object], *, exchange: str, symbol: str, received_at: datetime
) -> Trade:
    """Read one entry, numbers as text.

        {"symbol": "BTC/USD", "side": "buy", "price": 79192.9, "qty": 0.00100000,
         "ord_type": "limit", "trade_id": 107725591, "timestamp": "2026-09-14T18:32:27.420924Z"}

    An entry has no `misc`; REST's is empty for such a trade.

    Raises:
        ValueError: The entry is no trade that can be recorded; the message names field and fault.
    """
    return Trade.of(
        exchange=exchange,
        symbol=symbol,
        trade_id=_field(entry, "trade_id", read_integer),
        price=_field(entry, "price", read_decimal),
        volume=_field(entry, "qty", read_decimal),
        side=_SIDES.get(str(entry.get("side")), Side.UNKNOWN),
        order_type=_ORDER_TYPES.get(str(entry.get("ord_type")), OrderType.UNKNOWN),
        misc="",
        executed_at=_field(entry, "timestamp", _read_timestamp),
        ingested_at=received_at,
        feed=Feed.WEBSOCKET,
    )


def _read_timestamp(value: object) -> datetime:
    """Read RFC 3339 in UTC; digits below the microsecond are cut off, as in REST's times."""
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise ValueError(f"{value!r} is no time as 2026-01-30T18:00:00.123456Z")
    moment = datetime.fromisoformat(value).astimezone(UTC)
    if moment.year not in _YEARS:
        raise ValueError(f"{value} is not between 2011 and 2100")
    return moment


def _field(entry: Mapping[str, object], name: str, read: Callable[[object], T]) -> T:
    """Read one field, and name it in the error if that fails."""
    return field(name, read, entry.get(name))
