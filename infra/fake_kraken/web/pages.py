"""The bodies of Trades answers: selects a page, applies faults, caches, stores what was shown."""

import time
from dataclasses import dataclass
from typing import Final

from infra.fake_kraken.faults.fault_plan import FaultPlan, jump, repeat
from infra.fake_kraken.faults.faults import Fault
from infra.fake_kraken.faults.kinds import FaultKind
from infra.fake_kraken.market.book import Book
from infra.fake_kraken.market.paging import Page, turn_page, write_page
from infra.fake_kraken.market.shown import Shown

__all__ = ["Pages", "TradesCall"]

_SECOND: Final = 10**9
_ROW_END: Final = 6


@dataclass(frozen=True, slots=True)
class TradesCall:
    """A valid call of Trades.

    Attributes:
        book: The pair's trades.
        since: The cursor, exclusive; None for the newest trades.
        count: Maximum number of trades.
        now: Unix nanoseconds.
    """

    book: Book
    since: int | None
    count: int
    now: int


class Pages:
    """Answers Trades, with the faults that shape a page.

    Args:
        plan: The faults.
        shown: If given, stores the trades that are shown.
    """

    def __init__(self, plan: FaultPlan, shown: Shown | None = None) -> None:
        self._plan = plan
        self._shown = shown
        self._cached: dict[str, tuple[float, bytes]] = {}

    def turn(self, call: TradesCall) -> Page:
        """Return the call's page, before the faults that spoil single answers."""
        book, count, now = call.book, call.count, call.now
        if short := self._plan.strikes(FaultKind.SHORT_PAGES, book.pair):
            count = min(count, short.trades)
        if stale := self._plan.strikes(FaultKind.STALE, book.pair):
            now -= int(stale.seconds * _SECOND)
        missing = book.missing_from_rest(now, call.since)
        return turn_page(book, since=call.since, count=count, now=now, missing=missing)

    def body(self, page: Page, fault: Fault | None, url: str) -> bytes:
        """Write the page, changed by a fault if any, or return the URL's cached body."""
        cached = self._plan.strikes(FaultKind.CACHED, page.tape.pair)
        if cached is None:
            return self._written(page, fault)
        at, body = self._cached.get(url, (float("-inf"), b""))
        if time.monotonic() > at + cached.seconds:
            body = self._written(page, fault)
            self._cached[url] = (time.monotonic(), body)
        return body

    def _written(self, page: Page, fault: Fault | None) -> bytes:
        extra: list[str] = []
        match fault:
            case Fault(kind=FaultKind.REPEAT):
                page = repeat(page, fault.trades)
            case Fault(kind=FaultKind.JUMP):
                page = jump(page, fault.trades)
            case Fault(kind=FaultKind.BAD_ROW | FaultKind.SIX_FIELDS | FaultKind.ODD_ROW):
                extra = [_odd_row(page, fault.kind)]
            case _:
                pass
        if self._shown is not None and isinstance(page.tape, Book):
            self._shown.note(page.tape, page.numbers)
        return write_page(page, extra)


def _odd_row(page: Page, kind: FaultKind) -> str:
    """Return a row that is not a trade, made from the page's last one."""
    (row,) = page.tape.rows(page.numbers[-1:])
    match kind:
        case FaultKind.SIX_FIELDS:
            return f"[{','.join(row[1:-1].split(',')[:_ROW_END])}]"
        case FaultKind.ODD_ROW:
            return f'{{"trade":{row}}}'
        case _:
            return '["NaN"' + row[row.index(",") :]
