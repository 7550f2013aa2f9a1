"""Read one row of Kraken's Trades answer into a trade."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from producer.kraken.digits import read_integer, read_micros, read_units
from producer.model.trade import Feed, OrderType, Side, Trade
from producer.model.units import field

__all__ = ["FIELDS", "ORDER_TYPES", "SIDES", "Origin", "read_row", "read_trade_id"]

FIELDS: Final = 7
"""Rows had six fields before trade_id; further fields, if Kraken adds any, are ignored."""

# Plain dictionaries: a look-up through MappingProxyType takes twice as long.
SIDES: Final = {"b": Side.BUY, "s": Side.SELL}
ORDER_TYPES: Final = {"m": OrderType.MARKET, "l": OrderType.LIMIT}


@dataclass(frozen=True, slots=True)
class Origin:
    """What the trades of one answer have in common.

    Attributes:
        exchange: The venue's name in capitals.
        symbol: The symbol to record.
        ingested_micros: When the answer was received, microseconds since 1970, UTC.
    """

    exchange: str
    symbol: str
    ingested_micros: int


def read_row(row: Sequence[object], origin: Origin) -> Trade:
    """Read a row of at least seven fields, as `json_text` gives it.

        ["105433.60000", "0.00027625", "1762795433.9717445", "b", "l", "", 10218208]
         price           volume        unix seconds          side type misc trade_id

    Raises:
        ValueError: The row is no trade that can be recorded; the message names field and fault.
    """
    price, volume, time, side, order_type, misc, trade_id = row[:FIELDS]
    return Trade(
        exchange=origin.exchange,
        symbol=origin.symbol,
        trade_id=field("trade_id", read_integer, trade_id),
        price_units=field("price", read_units, price),
        volume_units=field("volume", read_units, volume),
        side=SIDES.get(_letter(side), Side.UNKNOWN),
        order_type=ORDER_TYPES.get(_letter(order_type), OrderType.UNKNOWN),
        misc=field("misc", _read_text, misc),
        executed_micros=field("time", read_micros, time),
        ingested_micros=origin.ingested_micros,
        feed=Feed.REST,
    )


def read_trade_id(row: Sequence[object]) -> int | None:
    """Read the row's sequence number; None if it holds none."""
    try:
        return read_integer(row[FIELDS - 1])
    except ValueError:
        return None


def _letter(value: object) -> str:
    """Return the value if it is a text; anything else becomes the empty text, which is unknown."""
    return value if isinstance(value, str) else ""


def _read_text(value: object) -> str:
    """Return the value if it is a text."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")  # noqa: TRY004  one error type for a bad row
    return value
