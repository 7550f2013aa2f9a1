"""One row of Kraken's Trades answer, read into a trade."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeVar

from pydantic import ValidationError

from producer.kraken.digits import read_decimal, read_integer, read_time
from producer.trade import Feed, OrderType, Side, Trade

T = TypeVar("T")

FIELDS: Final = 7
"""Rows had six until trade_id came; should an eighth come, it is left alone."""

_SIDES: Final[Mapping[object, Side]] = MappingProxyType({"b": Side.BUY, "s": Side.SELL})
_ORDER_TYPES: Final[Mapping[object, OrderType]] = MappingProxyType(
    {"m": OrderType.MARKET, "l": OrderType.LIMIT}
)


def read_row(row: Sequence[object], *, exchange: str, symbol: str, ingested_at: datetime) -> Trade:
    """Reads a row of at least seven fields, numbers as text.

        ["105433.60000", "0.00027625", 1762795433.9717445, "b", "l", "", 10218208]
         price           volume        unix seconds        side type misc trade_id

    Raises:
        ValueError: The row is no trade that can be recorded; the message names field and fault.
    """
    price, volume, time, side, order_type, misc, trade_id = row[:FIELDS]
    try:
        return Trade(
            exchange=exchange,
            symbol=symbol,
            trade_id=_field("trade_id", read_integer, trade_id),
            price=_field("price", read_decimal, price),
            volume=_field("volume", read_decimal, volume),
            side=_SIDES.get(side, Side.UNKNOWN),
            order_type=_ORDER_TYPES.get(order_type, OrderType.UNKNOWN),
            misc=_field("misc", _read_text, misc),
            executed_at=_field("time", read_time, time),
            ingested_at=ingested_at,
            feed=Feed.REST,
        )
    except ValidationError as exc:
        faults = (f"{fault['loc'][0]}: {fault['msg']}" for fault in exc.errors())
        raise ValueError("; ".join(faults)) from exc


def read_trade_id(row: Sequence[object]) -> int | None:
    """The row's sequence number, where it holds one."""
    try:
        return read_integer(row[FIELDS - 1])
    except ValueError:
        return None


def _read_text(value: object) -> str:
    """The value, which has to be a text already, and one that UTF-8 can hold."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")  # noqa: TRY004  one error type for a bad row
    try:
        value.encode()
    except UnicodeEncodeError as exc:  # JSON may escape half of a surrogate pair
        raise ValueError(f"{value!r} is no Unicode text") from exc
    return value


def _field(name: str, read: Callable[[object], T], value: object) -> T:
    """Reads one field, and names it where that fails."""
    try:
        return read(value)
    except ValueError as exc:
        raise ValueError(f"{name}: {exc}") from exc
