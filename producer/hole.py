"""Trade ids that the exchange itself does not have."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from producer.errors import HoleUnusable

__all__ = ["Hole", "newest_holes"]

KeyAndValue = tuple[bytes | None, bytes | None]


class Hole(BaseModel):
    """Consecutive trade ids that Kraken was asked for again, twice, and did not have.

    With it, a lake that lacks these ids is complete; without it, they may have been lost. In
    Kafka it is JSON (see docs/adr/0008).

    Attributes:
        exchange: The venue's name in capitals.
        symbol: The pair.
        first_trade_id: The first id that is missing.
        last_trade_id: The last one.
        confirmed_at: When Kraken was asked, UTC.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    exchange: str
    symbol: str
    first_trade_id: int
    last_trade_id: int
    confirmed_at: datetime

    @property
    def key(self) -> str:
        """Its key in the compacted topic, so that a hole found by several is kept once."""
        return f"{self.symbol}/{self.first_trade_id}-{self.last_trade_id}"

    @property
    def missing(self) -> int:
        """How many ids."""
        return self.last_trade_id - self.first_trade_id + 1

    def __str__(self) -> str:
        return f"{self.first_trade_id}..{self.last_trade_id}"


def newest_holes(records: Iterable[KeyAndValue]) -> list[Hole]:
    """The holes in a topic's records, oldest first, by symbol and id.

    Raises:
        HoleUnusable: A value is no hole.
    """
    newest = dict(records)
    holes = [_read(key, value) for key, value in newest.items() if value is not None]
    return sorted(holes, key=lambda hole: (hole.symbol, hole.first_trade_id, hole.last_trade_id))


def _read(key: bytes | None, value: bytes) -> Hole:
    try:
        return Hole.model_validate_json(value)
    except ValidationError as exc:
        raise HoleUnusable(
            f"the hole under key {key!r} cannot be read ({exc.errors()[0]['msg']}); somebody else "
            "wrote to the topic: take the record back with a tombstone"
        ) from exc
