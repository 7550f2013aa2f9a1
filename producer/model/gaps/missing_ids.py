"""Missing trade ids: what open gaps and confirmed holes have in common."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from producer.errors import HoleUnusable

__all__ = ["KeyAndValue", "MissingIds", "newest_missing", "without"]

KeyAndValue = tuple[bytes | None, bytes | None]
M = TypeVar("M", bound="MissingIds")


class MissingIds(BaseModel):
    """Consecutive trade ids of one pair that no feed has brought, and how far asking has come.

    In Kafka it is JSON (see docs/adr/0008 and 0016). New versions only add fields.

    Attributes:
        exchange: The venue's name in capitals.
        symbol: The pair.
        first_trade_id: The first id that is missing.
        last_trade_id: The last id that is missing.
        near: Kraken's cursor at the trade before them, nanoseconds as text; empty if unknown.
        asked: How many of the schedule's questions have been answered without them.
        ask_at: When the next question is due, UTC; None before the first of an old record, and
            after the last.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    exchange: str
    symbol: str
    first_trade_id: int
    last_trade_id: int
    near: str = ""
    asked: int = 0
    ask_at: datetime | None = None

    @property
    def key(self) -> str:
        """Its key in the compacted topic, so that a range found several times is kept once."""
        return f"{self.symbol}/{self.first_trade_id}-{self.last_trade_id}"

    @property
    def missing(self) -> int:
        """How many ids are missing."""
        return self.last_trade_id - self.first_trade_id + 1

    def __str__(self) -> str:
        return f"{self.first_trade_id}..{self.last_trade_id}"


def without(missing: M, ids: Sequence[int], near: Mapping[int, str]) -> list[M]:
    """Return what is left of a range once some of its ids have been found.

    Args:
        missing: The range.
        ids: The ids found within it, in ascending order.
        near: Kraken's cursor at those ids that are trades.
    """
    left: list[M] = []
    first, cursor = missing.first_trade_id, missing.near
    for trade_id in ids:
        if trade_id > first:
            left.append(_part(missing, first, trade_id - 1, cursor))
        first, cursor = trade_id + 1, near.get(trade_id, cursor)
    if first <= missing.last_trade_id:
        left.append(_part(missing, first, missing.last_trade_id, cursor))
    return left


def newest_missing(records: Iterable[KeyAndValue], model: type[M]) -> list[M]:
    """Read the ranges from a topic's records, by symbol and id.

    Raises:
        HoleUnusable: A value is no range of missing ids.
    """
    newest = dict(records)
    found = [_read(key, value, model) for key, value in newest.items() if value is not None]
    return sorted(found, key=lambda one: (one.symbol, one.first_trade_id, one.last_trade_id))


def _part(missing: M, first: int, last: int, near: str) -> M:
    return missing.model_copy(update={"first_trade_id": first, "last_trade_id": last, "near": near})


def _read(key: bytes | None, value: bytes, model: type[M]) -> M:
    try:
        return model.model_validate_json(value)
    except ValidationError as error:
        raise HoleUnusable(
            f"the record of missing trade ids under key {key!r} cannot be read "
            f"({error.errors()[0]['msg']}); another program wrote to the topic: remove the record "
            "with a tombstone"
        ) from error
