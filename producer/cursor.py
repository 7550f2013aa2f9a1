"""How far the producer has come with one pair."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from producer.decoder import UNDECODABLE, RecordDecoder
from producer.errors import CursorUnusable
from producer.units import micros_of
from schemas.catalogue import Contract
from schemas.encoding import Columns
from schemas.registry import Registry

__all__ = ["Cursor", "CursorDecoder"]


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
        """What Avro writes, of this one cursor."""
        return (
            [self.exchange],
            [self.symbol],
            [self.last_trade_id],
            [self.since],
            [micros_of(self.updated_at)],
        )


class CursorDecoder:
    """Reads cursors, whatever version of their schema they were written with."""

    def __init__(self, registry: Registry, contract: Contract) -> None:
        self._decoder = RecordDecoder(registry, contract)

    def decode(self, value: bytes) -> Cursor:
        """The cursor in a framed value.

        Raises:
            CursorUnusable: There is none in it.
            RegistryError: The registry does not give the schema that it was written with.
        """
        try:
            return Cursor.model_validate(self._decoder.fields(value))
        except (*UNDECODABLE, ValidationError) as exc:
            raise CursorUnusable(
                f"a cursor in Kafka cannot be decoded ({exc}); somebody else wrote to the topic, "
                "or the registry is another one than it was written with"
            ) from exc
