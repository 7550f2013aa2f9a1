"""How far the producer has come with one pair."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from producer.model.units import micros_of
from schemas.avro.encoding import Columns

__all__ = ["Cursor"]


class Cursor(BaseModel):
    """The position in one pair's trades, written in the same transaction as the trades before it.

    Field names and order are those of the newest released cursor schema.

    Attributes:
        exchange: The venue's name in capitals.
        symbol: The pair.
        last_trade_id: The highest trade_id recorded; 0 before the first trade.
        since: Kraken's own cursor for the next page, as the text that it sent.
        updated_at: When the cursor was written, UTC.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    exchange: str
    symbol: str
    last_trade_id: int
    since: str
    updated_at: datetime

    @property
    def columns(self) -> Columns:
        """The columns that Avro writes, with this one cursor."""
        return (
            [self.exchange],
            [self.symbol],
            [self.last_trade_id],
            [self.since],
            [micros_of(self.updated_at)],
        )
