"""Select what is new in a page of trades, so that nothing is written twice. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from operator import lt

from producer.model.cursor import Cursor
from producer.model.gaps.gap_ledger import Changes, MissingOfPair
from producer.model.gaps.open_gap import OpenGap
from producer.model.new_book import before_a_new_book, begins_anew
from producer.model.page import RejectedRow, TradesPage
from producer.model.page_update import PageUpdate, Recorded
from producer.model.starting_point import cursor_at, nanoseconds
from producer.model.trade import Trade
from producer.model.trade_batch import TradeBatch

__all__ = ["select", "select_missing"]


def select(page: TradesPage, recorded: Recorded, now: datetime) -> PageUpdate | None:
    """Select what is not recorded yet; None if there is nothing to write.

    Kraken does not promise that `since` is exclusive, and a page may come twice: an id at or below
    the last trade_id has been recorded, unless it is known to be missing. A cursor that merely
    moved is written too, as the next start then asks for less.

    Raises:
        PairParked: All that is new belongs to a book whose ids start again.
    """
    cursor, last = recorded.cursor, recorded.last_trade_id
    since = _later(page.last, cursor)
    moved = cursor is None or since != cursor.since
    trades, late, of_new_book = _new(TradeBatch.of(page.trades), recorded)
    if of_new_book is not None:
        if not (trades or late):
            raise begins_anew(recorded, of_new_book)
        # The next page begins after the old book's last trade, and holds only the new book.
        newest = max([*trades.executed_micros, *late.executed_micros])
        since = _later(cursor_at(newest), cursor)
        moved = cursor is None or since != cursor.since
    dead_letters = tuple(
        row for row in page.rejected if _is_new(row, last, recorded.missing, moved=moved)
    )
    if not (trades or late or dead_letters or moved):
        return None
    rejected_ids = {row.trade_id for row in dead_letters if row.trade_id is not None}
    last_trade_id = _highest(last, trades.trade_ids, rejected_ids)
    ids = _together(trades.trade_ids, {one for one in rejected_ids if one > last})
    opened = tuple(_opened(recorded, ids, last_trade_id, trades, now))
    found = _together([*late.trade_ids, *trades.trade_ids], rejected_ids)
    changes = recorded.missing.found(found, _near(late) if late else {})
    moves = moved or bool(trades or last_trade_id != last)
    return PageUpdate(
        exchange=recorded.exchange,
        symbol=recorded.symbol,
        at=now,
        trades=trades,
        late=late,
        dead_letters=dead_letters,
        cursor=_cursor(recorded, last_trade_id, since, now) if moves else None,
        changes=Changes(changes.gone, (*changes.put, *opened)),
    )


def select_missing(page: TradesPage, recorded: Recorded, now: datetime) -> PageUpdate | None:
    """Select the missing ids that an answer about them holds; the cursor stays as it is."""
    trades, _ = before_a_new_book(TradeBatch.of(page.trades), recorded)
    places = {one: at for at, one in enumerate(trades.trade_ids) if one in recorded.missing}
    late = trades.at(at for _, at in sorted(places.items()))
    rows = {
        row.trade_id: row
        for row in page.rejected
        if row.trade_id is not None and row.trade_id in recorded.missing
    }
    ids = _together(late.trade_ids, set(rows))
    publication = PageUpdate(
        exchange=recorded.exchange,
        symbol=recorded.symbol,
        at=now,
        late=late,
        dead_letters=tuple(rows.values()),
        changes=recorded.missing.found(ids, _near(late)),
    )
    return publication or None


def _later(since: str, cursor: Cursor | None) -> str:
    """Return the later of two cursors: a page that was requested earlier must not move it back."""
    before = nanoseconds(cursor.since) if cursor else None
    after = nanoseconds(since)
    if cursor is None or before is None or after is None or after >= before:
        return since
    return cursor.since


def _cursor(recorded: Recorded, last_trade_id: int, since: str, now: datetime) -> Cursor:
    return Cursor(
        exchange=recorded.exchange,
        symbol=recorded.symbol,
        last_trade_id=last_trade_id,
        since=since,
        updated_at=now,
    )


def _new(trades: TradeBatch, recorded: Recorded) -> tuple[TradeBatch, TradeBatch, Trade | None]:
    """Return the trades above the last recorded id, and the missing ones below: once each, by id.

    If a new book begins, also return its first trade; nothing after it is selected.
    """
    last, ids = recorded.last_trade_id, trades.trade_ids
    if all(map(lt, chain((last,), ids), ids)):
        return trades, trades[:0], None  # as in nearly every page
    trades, of_new_book = before_a_new_book(trades, recorded)
    places = {trade_id: place for place, trade_id in enumerate(trades.trade_ids)}
    place_of = sorted(places.items())
    return (
        trades.at(place for one, place in place_of if one > last),
        trades.at(place for one, place in place_of if one <= last and one in recorded.missing),
        of_new_book,
    )


def _is_new(row: RejectedRow, recorded: int, missing: MissingOfPair, *, moved: bool) -> bool:
    """Whether to keep a rejected row. One without an id is new only if the cursor moved."""
    if row.trade_id is None or row.trade_id > recorded:
        return moved
    return row.trade_id in missing


def _highest(recorded: int, good: Iterable[int], rejected: set[int]) -> int:
    """Return the last recorded id after this page.

    A rejected row's id counts only if it directly follows: the row may be rejected because its id
    is absurd, and an absurd id here would hide every later trade.
    """
    last = max(good, default=recorded)
    while last + 1 in rejected:
        last += 1
    return last


def _together(good: Sequence[int], rejected: set[int]) -> Sequence[int]:
    """Return all ids of an update in ascending order; those of its trades are sorted already."""
    return sorted({*good, *rejected}) if rejected else good


def _near(trades: TradeBatch) -> dict[int, str]:
    """Return Kraken's cursor at each trade."""
    return {
        trade_id: cursor_at(micros)
        for trade_id, micros in zip(trades.trade_ids, trades.executed_micros, strict=True)
    }


def _opened(
    recorded: Recorded, ids: Sequence[int], last: int, trades: TradeBatch, now: datetime
) -> Iterator[OpenGap]:
    """Yield a gap for each range between the ids that came that is not known to be missing yet."""
    previous = recorded.last_trade_id
    if ids and len(ids) == ids[-1] - (previous or ids[0] - 1):
        return  # as in nearly every page, one after the other
    near: Mapping[int, str] = _near(trades)
    cursor = recorded.cursor.since if recorded.cursor else ""
    for trade_id in (one for one in ids if one <= last):
        # Without a cursor the first id may be any: recording starts there.
        if previous and trade_id > previous + 1:
            for first, end in recorded.missing.uncovered(previous + 1, trade_id - 1):
                yield OpenGap(
                    exchange=recorded.exchange,
                    symbol=recorded.symbol,
                    first_trade_id=first,
                    last_trade_id=end,
                    near=cursor,
                    ask_at=recorded.schedule.first_ask(now),
                    found_at=now,
                )
        previous, cursor = trade_id, near.get(trade_id, cursor)
