"""How far the producer has come with one pair."""

import json
from datetime import datetime
from io import BytesIO
from typing import Any, Final

import fastavro
from fastavro.read import SchemaResolutionError
from pydantic import BaseModel, ConfigDict, ValidationError

from producer.errors import CursorUnusable
from schemas.catalogue import Contract
from schemas.errors import FramingError
from schemas.registry import Registry
from schemas.wire import unframe

__all__ = ["Cursor", "CursorDecoder"]

# All that fastavro raises on bytes that are no such record.
_UNDECODABLE: Final = (
    FramingError,
    SchemaResolutionError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
)


class Cursor(BaseModel):
    """The position in one pair's trades, written in the same transaction as the trades before it.

    Field names and order are those of the newest released cursor schema.

    Attributes:
        exchange: The venue's name in capitals.
        symbol: The pair, and the key in the compacted topic.
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


class CursorDecoder:
    """Reads cursors, each with the schema that its header names, into the newest one's fields."""

    def __init__(self, registry: Registry, contract: Contract) -> None:
        self._registry = registry
        self._reader = fastavro.parse_schema(contract.newest.parsed)
        self._writers: dict[int, Any] = {}

    def decode(self, value: bytes) -> Cursor:
        """The cursor in a framed value.

        Raises:
            CursorUnusable: There is none in it.
            RegistryError: The registry does not give the schema that it was written with.
        """
        try:
            schema_id, payload = unframe(value)
            writer = self._writer(schema_id)
            fields = fastavro.schemaless_reader(BytesIO(payload), writer, self._reader)
            return Cursor.model_validate(fields)
        except (*_UNDECODABLE, ValidationError) as exc:
            raise CursorUnusable(
                f"a cursor in Kafka cannot be decoded ({exc}); somebody else wrote to the topic, "
                "or the registry is another one than it was written with"
            ) from exc

    def _writer(self, schema_id: int) -> Any:  # noqa: ANN401  fastavro's own schemas are untyped
        if schema_id not in self._writers:
            text = self._registry.schema_text(schema_id)
            self._writers[schema_id] = fastavro.parse_schema(json.loads(text))
        return self._writers[schema_id]
