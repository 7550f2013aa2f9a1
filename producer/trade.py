"""The trade as the platform knows it, whatever the venue: checked, frozen, exact."""

from datetime import UTC, datetime
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

PRECISION: Final = 28
SCALE: Final = 10
_STORED_STEP: Final = Decimal(1).scaleb(-SCALE)
_EXACT: Final = Context(prec=PRECISION, traps=[Inexact, InvalidOperation])
_LARGEST_LONG: Final = 2**63 - 1


class Side(StrEnum):
    """Which side the taker was on."""

    BUY = "BUY"
    SELL = "SELL"
    UNKNOWN = "UNKNOWN"


class OrderType(StrEnum):
    """What kind of order took the liquidity."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    UNKNOWN = "UNKNOWN"


class Feed(StrEnum):
    """By which of the exchange's interfaces a trade came in."""

    REST = "REST"
    WEBSOCKET = "WEBSOCKET"
    UNKNOWN = "UNKNOWN"


def at_stored_scale(value: Decimal) -> Decimal:
    """The same number with ten decimal places, as `decimal(28,10)` stores it.

    Raises:
        ValueError: The number needs more than 18 digits before the point or 10 after it.
    """
    try:
        return value.quantize(_STORED_STEP, context=_EXACT)
    except DecimalException as exc:
        raise ValueError(f"does not fit decimal({PRECISION},{SCALE}) exactly") from exc


def in_utc(moment: datetime) -> datetime:
    """The same instant, told in UTC."""
    return moment.astimezone(UTC)


Amount = Annotated[Decimal, Field(gt=0), AfterValidator(at_stored_scale)]
Instant = Annotated[AwareDatetime, AfterValidator(in_utc)]


class Trade(BaseModel):
    """One trade as the exchange published it.

    Its identity is (exchange, symbol, trade_id). Fields stand in the order of the newest
    released schema. Strict: a float is no price, so no digit is lost on the way in.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    exchange: Annotated[str, Field(min_length=1)]
    symbol: Annotated[str, Field(min_length=1)]
    trade_id: Annotated[int, Field(ge=1, le=_LARGEST_LONG)]
    price: Amount
    volume: Amount
    side: Side
    order_type: OrderType
    misc: str
    executed_at: Instant
    ingested_at: Instant
    feed: Feed = Feed.UNKNOWN
