"""The state of a pair that cannot be recorded for now, as the compacted topic of pairs holds it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from producer.errors import PairStateUnusable

__all__ = ["PairState", "newest_states"]

KeyAndValue = tuple[bytes | None, bytes | None]


class PairState(BaseModel):
    """A pair that is asked for again, less and less often, while the others are recorded.

    In Kafka it is JSON under the symbol as its key; a tombstone follows when the pair is recorded
    again (see docs/adr/0018).

    Attributes:
        exchange: The venue's name in capitals.
        symbol: The pair.
        status: `parked`.
        reason: What happened.
        advice: What to do about it.
        parked_at: When it was parked, UTC.
        producer: The transactional id of the producer that records it.
        new_book: Whether its new book has to be accepted.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    exchange: str
    symbol: str
    status: Literal["parked"] = "parked"
    reason: str
    advice: str
    parked_at: datetime
    producer: str = ""
    new_book: bool = False

    def __str__(self) -> str:
        return (
            f"{self.symbol} is parked since {self.parked_at:%F %T} UTC: {self.reason}; "
            f"{self.advice}"
        )


def newest_states(records: Iterable[KeyAndValue]) -> list[PairState]:
    """Read the states from a topic's records, without removed ones, by symbol.

    Raises:
        PairStateUnusable: A value is no state.
    """
    newest = dict(records)
    states = [_read(key, value) for key, value in newest.items() if value is not None]
    return sorted(states, key=lambda state: state.symbol)


def _read(key: bytes | None, value: bytes) -> PairState:
    try:
        return PairState.model_validate_json(value)
    except ValidationError as error:
        raise PairStateUnusable(
            f"the pair's state under key {key!r} cannot be read ({error.errors()[0]['msg']}); "
            "another program wrote to the topic: remove the record with a tombstone"
        ) from error
