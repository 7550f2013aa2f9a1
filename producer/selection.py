"""What of one page of trades is new: pure, and the reason why nothing is written twice."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from producer.cursor import Cursor
from producer.hole import Hole
from producer.kraken.page import RejectedRow, TradesPage
from producer.trade import Trade

__all__ = ["Gap", "Publication", "select", "with_holes"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Trade ids that should lie between two neighbours, and do not: suspected to be missing."""

    after: int
    before: int

    @property
    def missing(self) -> int:
        """How many."""
        return self.before - self.after - 1

    def __str__(self) -> str:
        return f"{self.after + 1}..{self.before - 1}"


@dataclass(frozen=True, slots=True)
class Publication:
    """What one transaction writes: new trades by trade_id, new rejects, holes, the cursor.

    Attributes:
        gaps: Missing ids that are a suspicion still; only told.
        holes: Missing ids that Kraken confirmed.
    """

    trades: tuple[Trade, ...]
    dead_letters: tuple[RejectedRow, ...]
    cursor: Cursor
    gaps: tuple[Gap, ...]
    holes: tuple[Hole, ...] = ()


def select(
    page: TradesPage, cursor: Cursor | None, *, exchange: str, symbol: str, now: datetime
) -> Publication | None:
    """Takes from a page what the cursor does not cover yet; None if there is nothing to write.

    Kraken does not promise that `since` is exclusive, and a page may come twice: what is at or
    below the last trade_id has been recorded. A cursor that merely moved is worth writing,
    since the next start then asks for less.
    """
    recorded = cursor.last_trade_id if cursor else 0
    moved = cursor is None or page.last != cursor.since
    by_id = {trade.trade_id: trade for trade in page.trades if trade.trade_id > recorded}
    trades = tuple(map(by_id.__getitem__, sorted(by_id)))
    dead_letters = tuple(row for row in page.rejected if _is_new(row, recorded, moved=moved))
    if not (trades or dead_letters or moved):
        return None
    rejected_ids = {row.trade_id for row in dead_letters if row.trade_id is not None}
    last_trade_id = _highest(recorded, by_id, rejected_ids)
    return Publication(
        trades=trades,
        dead_letters=dead_letters,
        cursor=Cursor(
            exchange=exchange,
            symbol=symbol,
            last_trade_id=last_trade_id,
            since=page.last,
            updated_at=now,
        ),
        gaps=tuple(_gaps(recorded, by_id.keys() | rejected_ids, last_trade_id)),
    )


def with_holes(publication: Publication, confirmed: Iterable[Gap]) -> Publication:
    """The publication with those of its gaps that Kraken confirmed as holes."""
    known, cursor = set(confirmed), publication.cursor
    holes = tuple(
        Hole(
            exchange=cursor.exchange,
            symbol=cursor.symbol,
            first_trade_id=gap.after + 1,
            last_trade_id=gap.before - 1,
            confirmed_at=cursor.updated_at,
        )
        for gap in publication.gaps
        if gap in known
    )
    gaps = tuple(gap for gap in publication.gaps if gap not in known)
    return replace(publication, gaps=gaps, holes=holes)


def _is_new(row: RejectedRow, recorded: int, *, moved: bool) -> bool:
    """Whether a reject is to be kept; one without an id is told from a repeat by the cursor."""
    return moved and (row.trade_id is None or row.trade_id > recorded)


def _highest(recorded: int, good: Iterable[int], rejected: set[int]) -> int:
    """The last id recorded after this page.

    A rejected row's id counts only where it directly follows: a rejected row may be rejected
    because its id is absurd, and an absurd id here would hide every later trade.
    """
    last = max(good, default=recorded)
    while last + 1 in rejected:
        last += 1
    return last


def _gaps(recorded: int, ids: Iterable[int], last: int) -> Iterator[Gap]:
    previous = recorded
    known = sorted(one for one in ids if one <= last)
    if known and len(known) == last - (recorded or known[0] - 1):
        return  # as nearly every page: one id after the other
    for trade_id in known:
        # Without a cursor the first id may be any: recording starts there.
        if previous and trade_id > previous + 1:
            yield Gap(previous, trade_id)
        previous = trade_id
