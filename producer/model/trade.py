"""The platform's trade, for any venue: checked, frozen, exact."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, Self

from msgspec import Struct

from producer.model.units import PRECISION, SCALE, amount_of, field, micros_of, moment_of, units_of

__all__ = [
    "FIRST_MICROS",
    "LARGEST_LONG",
    "LAST_MICROS",
    "UNITS_END",
    "Feed",
    "OrderType",
    "Side",
    "Trade",
]

UNITS_END: Final = 10**PRECISION
LARGEST_LONG: Final = 2**63 - 1
FIRST_MICROS: Final = micros_of(datetime(2009, 1, 3, tzinfo=UTC))
LAST_MICROS: Final = micros_of(datetime(2262, 1, 1, tzinfo=UTC)) - 1
"""The first and last time that a trade can have; `schemas/trade/rules.json` says why."""


class Side(StrEnum):
    """The taker's side."""

    BUY = "BUY"
    SELL = "SELL"
    UNKNOWN = "UNKNOWN"


class OrderType(StrEnum):
    """The taker's order type."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    UNKNOWN = "UNKNOWN"


class Feed(StrEnum):
    """The exchange's interface that a trade was received by."""

    REST = "REST"
    WEBSOCKET = "WEBSOCKET"
    UNKNOWN = "UNKNOWN"


class Trade(Struct, frozen=True, gc=False):
    """One trade as the exchange published it.

    Its identity is (exchange, symbol, trade_id). Fields are in the order of the newest released
    schema and hold the whole numbers that Avro writes, since the producer spends most of its time
    on making and encoding trades (docs/adr/0011). `Trade.of` takes decimals and times, and the
    properties return them.

    Attributes:
        exchange: The venue's name in capitals.
        symbol: The pair: `BTC/USD`.
        trade_id: The exchange's sequence number of the trade within the pair's book.
        price_units: Price in units of 10^-10 of the quote currency.
        volume_units: Amount traded in units of 10^-10 of the base currency.
        side: The taker's side.
        order_type: The taker's order type.
        misc: The exchange's own remark.
        executed_micros: When the exchange executed it, microseconds since 1970, UTC.
        ingested_micros: When the producer received it, microseconds since 1970, UTC.
        feed: The interface that it was received by.

    Raises:
        ValueError: It is no trade that can be recorded; the message names each wrong field.
    """

    exchange: str
    symbol: str
    trade_id: int
    price_units: int
    volume_units: int
    side: Side
    order_type: OrderType
    misc: str
    executed_micros: int
    ingested_micros: int
    feed: Feed = Feed.UNKNOWN

    @classmethod
    def of(  # noqa: PLR0913  as many as a trade has fields
        cls,
        *,
        exchange: str,
        symbol: str,
        trade_id: int,
        price: Decimal,
        volume: Decimal,
        side: Side,
        order_type: OrderType,
        misc: str,
        executed_at: datetime,
        ingested_at: datetime,
        feed: Feed = Feed.UNKNOWN,
    ) -> Self:
        """Make a trade from decimals and times. A float is refused, so no digit is lost.

        Raises:
            ValueError: As for the class.
        """
        return cls(
            exchange=exchange,
            symbol=symbol,
            trade_id=field("trade_id", _whole, trade_id),
            price_units=field("price", units_of, price),
            volume_units=field("volume", units_of, volume),
            side=side,
            order_type=order_type,
            misc=misc,
            executed_micros=field("executed_at", micros_of, executed_at),
            ingested_micros=field("ingested_at", micros_of, ingested_at),
            feed=feed,
        )

    def __post_init__(self) -> None:
        # Nearly every trade passes this check; one that does not is checked field by field.
        if not (
            0 < self.trade_id <= LARGEST_LONG
            and 0 < self.price_units < UNITS_END
            and 0 < self.volume_units < UNITS_END
            and FIRST_MICROS <= self.executed_micros <= LAST_MICROS
            and FIRST_MICROS <= self.ingested_micros <= LAST_MICROS
            and self.exchange
            and self.symbol
            and self.misc.isascii()
        ) and (faults := "; ".join(_faults(self))):
            raise ValueError(faults)

    @property
    def price(self) -> Decimal:
        """Price of one unit of the base currency, in the quote currency."""
        return amount_of(self.price_units)

    @property
    def volume(self) -> Decimal:
        """Amount traded, in the base currency."""
        return amount_of(self.volume_units)

    @property
    def executed_at(self) -> datetime:
        """When the exchange executed the trade, UTC."""
        return moment_of(self.executed_micros)

    @property
    def ingested_at(self) -> datetime:
        """When the producer received the trade, UTC."""
        return moment_of(self.ingested_micros)


def _whole(value: int) -> int:
    """Return the value if it is a whole number; True is none."""
    if type(value) is not int:
        raise ValueError(f"{value!r} is no whole number")
    return value


def _faults(trade: Trade) -> Iterator[str]:
    """Yield what is wrong with a trade, field by field."""
    yield from (
        f"{name}: there is none" for name in ("exchange", "symbol") if not getattr(trade, name)
    )
    if trade.trade_id < 1:
        yield f"trade_id: {trade.trade_id} is not greater than or equal to 1"
    if trade.trade_id > LARGEST_LONG:
        yield f"trade_id: {trade.trade_id} is not less than or equal to {LARGEST_LONG}"
    for name, units in (("price", trade.price_units), ("volume", trade.volume_units)):
        if units <= 0:
            yield f"{name}: {amount_of(units):f} is not greater than 0"
        elif units >= UNITS_END:
            yield f"{name}: does not fit decimal({PRECISION},{SCALE}) exactly"
    if any("\ud800" <= letter <= "\udfff" for letter in trade.misc):
        # JSON may escape half of a surrogate pair.
        yield f"misc: {trade.misc!r} is no Unicode text"
    for name in ("executed", "ingested"):
        micros = getattr(trade, f"{name}_micros")
        if not FIRST_MICROS <= micros <= LAST_MICROS:
            yield f"{name}_at: {micros} microseconds since 1970 are no time from 2009-01-03 to 2261"
