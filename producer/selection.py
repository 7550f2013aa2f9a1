"""What of one page of trades is new: pure, and the reason why nothing is written twice."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from operator import lt

from producer.cursor import Cursor
from producer.hole import Hole
from producer.kraken.page import RejectedRow, TradesPage
from producer.trade import Trade
from producer.trades import Trades

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

    trades: Sequence[Trade]
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
    trades = _new(Trades.of(page.trades), recorded)
    dead_letters = tuple(row for row in page.rejected if _is_new(row, recorded, moved=moved))
    if not (trades or dead_letters or moved):
        return None
    rejected_ids = {row.trade_id for row in dead_letters if row.trade_id is not None}
    last_trade_id = _highest(recorded, trades.trade_ids, rejected_ids)
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
        gaps=tuple(_gaps(recorded, _together(trades.trade_ids, rejected_ids), last_trade_id)),
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


def _new(trades: Trades, recorded: int) -> Trades:
    """Those above the last trade_id recorded, each once, by trade_id."""
    ids = trades.trade_ids
    if all(map(lt, chain((recorded,), ids), ids)):
        return trades  # as in nearly every page
    place_of = {trade_id: place for place, trade_id in enumerate(ids) if trade_id > recorded}
    return trades.at(place for _, place in sorted(place_of.items()))


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


def _together(good: Sequence[int], rejected: set[int]) -> Sequence[int]:
    """All ids of a publication, rising, as those of its trades are by themselves."""
    return sorted({*good, *rejected}) if rejected else good


def _gaps(recorded: int, ids: Sequence[int], last: int) -> Iterator[Gap]:
    previous = recorded
    if ids and len(ids) == ids[-1] - (recorded or ids[0] - 1):
        return  # as in nearly every page, one after the other
    for trade_id in (one for one in ids if one <= last):
        # Without a cursor the first id may be any: recording starts there.
        if previous and trade_id > previous + 1:
            yield Gap(previous, trade_id)
        previous = trade_id
