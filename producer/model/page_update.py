"""What is recorded of a pair, and what a transaction adds to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from producer.model.cursor import Cursor
from producer.model.gaps.gap_ledger import NO_CHANGES, Changes, MissingOfPair
from producer.model.gaps.gap_schedule import GAP_SCHEDULE, GapSchedule
from producer.model.gaps.hole import Hole
from producer.model.gaps.missing_ids import MissingIds
from producer.model.gaps.open_gap import OpenGap
from producer.model.page import RejectedRow
from producer.model.trade import Trade

__all__ = ["PageUpdate", "Recorded"]

M = TypeVar("M", bound=MissingIds)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is recorded of a pair: all up to its cursor, except for the missing ids.

    Attributes:
        exchange: The venue's name in capitals.
        symbol: The pair.
        cursor: How far it has come; None before the first page.
        missing: Its open gaps and confirmed holes.
        schedule: When a gap that is found is asked for.
    """

    exchange: str
    symbol: str
    cursor: Cursor | None
    missing: MissingOfPair
    schedule: GapSchedule = GAP_SCHEDULE

    @property
    def last_trade_id(self) -> int:
        """The highest trade_id recorded; 0 before the first."""
        return self.cursor.last_trade_id if self.cursor else 0


@dataclass(frozen=True, slots=True)
class PageUpdate:
    """What one transaction writes of one pair.

    Attributes:
        exchange: The venue's name in capitals.
        symbol: The pair.
        at: When it is written, UTC.
        trades: New trades after the last recorded one, by trade_id.
        late: New trades before it, which were missing, by trade_id.
        dead_letters: New rejected rows.
        cursor: The cursor after them; None if it stays as it is.
        changes: How the missing ids change.
    """

    exchange: str
    symbol: str
    at: datetime
    trades: Sequence[Trade] = ()
    late: Sequence[Trade] = ()
    dead_letters: tuple[RejectedRow, ...] = ()
    cursor: Cursor | None = None
    changes: Changes = NO_CHANGES

    def __bool__(self) -> bool:
        return bool(self.trades or self.late or self.dead_letters or self.cursor or self.changes)

    @property
    def suspected(self) -> tuple[OpenGap, ...]:
        """The gaps that it opens."""
        return tuple(one for one in self._put(OpenGap) if one.found_at == self.at)

    @property
    def confirmed(self) -> tuple[Hole, ...]:
        """The gaps that become holes."""
        return tuple(one for one in self._put(Hole) if one.confirmed_at == self.at)

    @property
    def revoked(self) -> tuple[Hole, ...]:
        """The holes that it removes, as trades of theirs have come."""
        return tuple(one for one in self.changes.gone if isinstance(one, Hole))

    def _put(self, kind: type[M]) -> list[M]:
        return [one for one in self.changes.put if isinstance(one, kind)]
