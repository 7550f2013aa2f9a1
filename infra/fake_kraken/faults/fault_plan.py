"""The faults of a running server, and how they change a page of trades.

A fault is armed by `ReplayServer(faults=...)`, `server.plan.add([Fault(...)])`, `--fault` or POST
to /_replay/faults, for one `pair` (any of its names) or for all. It strikes `times` times, for
`lasting` seconds, or always. `plan.clear()` ends all faults, but not their effects on a pair's
book.

    1   REST lacks ids for a while           withheld:trades=3,seconds=60,socket=some|all|none
        back ends that differ                withheld:..,every=2; stale:seconds=5,every=2,lasting=60
        cached answers                       cached:seconds=30,lasting=60
        stamped out of id order              out-of-order:trades=5
        ids that no endpoint shows           never:trades=3 (or hole, from a page's middle)
    2   a pair that is unknown               delisted:pair=SYN1USDT,lasting=60
        pairs listed and delisted            POST and DELETE /_replay/pairs (`listing_control`)
    3   a refused pair                       error:message=EQuery:Unknown asset pair,pair=SYN1USDT
        a row of six fields, a refusal       six-fields, refuse-symbol
    4   ids that start again                 new-book:first=1
    5   another wsname under the same key    renamed:name=LUNC/USD
    6   a dead subscription                  dead-subscription:until=subscribe|connect, unsubscribed
    7   403 with HTML, 404                   http-403:lasting=30, http-404
    8   short pages                          short-pages:trades=500,lasting=60
    9   one pair refused, gaps in others     error:pair=... beside withheld:pair=...
    10  rows for the dead letters            unreadable:trades=3, bad-row, six-fields, odd-row
    11  tokenized pairs, no wsname, twins    `infra.fake_kraken.market.listing` makes such pairs
    12  the last trade of a burst is lost    lost-last (see `synthetic_bursts`)
        times that differ by a microsecond   microsecond:lasting=60

`ReplayServer(..., keep_shown=True).shown` has every trade that an endpoint showed.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from infra.fake_kraken.faults.faults import ArmedFault, Fault
from infra.fake_kraken.faults.kinds import ANSWER, BOOK, FRAME, PAGE, FaultKind
from infra.fake_kraken.market.paging import Page
from infra.fake_kraken.market.tape import TapePair

__all__ = ["FaultPlan", "Holes", "jump", "repeat"]


class FaultPlan:
    """Decides which fault spoils an answer: the first that fits, and at most one.

    Args:
        faults: The faults armed from the start.
        clock: A monotonic clock, in seconds.
    """

    def __init__(
        self, faults: Iterable[Fault] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._armed: list[ArmedFault] = []
        # Kept after `clear`, for pairs that have not been requested yet.
        self._of_books: list[ArmedFault] = []
        self.add(faults)

    @property
    def armed(self) -> Sequence[ArmedFault]:
        """All faults, including spent ones, in the order in which they were added."""
        return tuple(self._armed)

    def add(self, faults: Iterable[Fault]) -> None:
        """Arm more faults. This method may be called from another thread."""
        added = [ArmedFault(fault, self._clock()) for fault in faults]
        self._armed.extend(added)
        self._of_books.extend(armed for armed in added if armed.fault.kind in BOOK)

    def clear(self) -> None:
        """Disarm all faults. Holes and changed books stay; withheld trades are shown again."""
        for armed in self._armed:
            armed.disarmed = True
        self._armed.clear()

    def next_frame_fault(self, pair: TapePair) -> Fault | None:
        """Return the fault that spoils this frame of the pair's trades, and count the strike."""
        return self._next_of(FRAME, pair)

    def refuses(self, pair: TapePair) -> bool:
        """Return whether a fault refuses this subscription, and count the strike."""
        return self._next_of({FaultKind.REFUSE_SYMBOL}, pair) is not None

    def strikes(self, kind: FaultKind, pair: TapePair) -> Fault | None:
        """Return the fault of one kind that strikes the pair now, and count the strike."""
        return self._next_of({kind}, pair)

    def in_force(self, kind: FaultKind, pair: TapePair) -> bool:
        """Return whether a fault of this kind is armed for the pair. Count no strike."""
        now = self._clock()
        return any(
            armed.fault.kind is kind and _fits_pair(armed.fault, pair) and not armed.over(now)
            for armed in self._armed
        )

    def of_books(self, seen: int) -> Sequence[ArmedFault]:
        """Return the faults of books that were armed after the first `seen` of them."""
        return self._of_books[seen:]

    def next_fault(
        self, endpoint: str, page: Page | None = None, pairs: Iterable[TapePair] | None = None
    ) -> Fault | None:
        """Return the fault that spoils this answer, and count the strike.

        Args:
            endpoint: The endpoint that answers.
            page: The page of trades, if it answers with one.
            pairs: The pairs that the answer is about, if it is not a page.
        """
        about = [page.tape.pair] if page is not None else None if pairs is None else [*pairs]
        now = self._clock()
        for armed in self.armed:
            if _fits(armed.fault, endpoint, page, about) and armed.strikes(now):
                return armed.fault
        return None

    def _next_of(self, kinds: Collection[FaultKind], pair: TapePair) -> Fault | None:
        if not self._armed:
            return None
        now = self._clock()
        for armed in self.armed:
            fits = armed.fault.kind in kinds and _fits_pair(armed.fault, pair)
            if fits and armed.strikes(now):
                return armed.fault
        return None


class Holes:
    """Trades that no endpoint ever shows, by pair."""

    def __init__(self) -> None:
        self._missing: defaultdict[str, set[int]] = defaultdict(set)

    def dig(self, page: Page, trades: int) -> None:
        """Remove trades from the page's middle, from now on."""
        self._missing[page.tape.pair.rest_name].update(_middle(page, trades))

    def add(self, pair: TapePair, numbers: Iterable[int]) -> None:
        """Remove trades that have not been shown yet."""
        self._missing[pair.rest_name].update(numbers)

    def without_missing(self, page: Page) -> Page:
        """Return the page without the trades that are missing."""
        return _without(page, self.of(page.tape.pair.rest_name))

    def of(self, rest_name: str) -> frozenset[int] | set[int]:
        """Return the numbers of a pair's trades that are missing."""
        return self._missing.get(rest_name, frozenset())


def repeat(page: Page, trades: int) -> Page:
    """Return the page, preceded by some trades before the cursor."""
    first = max(0, page.start - trades)
    return replace(page, numbers=[*range(first, page.start), *page.numbers])


def jump(page: Page, trades: int) -> Page:
    """Return the page without some trades in its middle."""
    return _without(page, _middle(page, trades))


def _without(page: Page, numbers: Iterable[int]) -> Page:
    missing = frozenset(numbers)
    return replace(page, numbers=[number for number in page.numbers if number not in missing])


def _middle(page: Page, trades: int) -> Sequence[int]:
    """Return `trades` trades from the middle of the page, not its first or last one."""
    first = (len(page.numbers) - trades + 1) // 2
    return page.numbers[first : first + trades]


def _fits_pair(fault: Fault, pair: TapePair) -> bool:
    return fault.pair in (None, *pair.names)


def _fits(fault: Fault, endpoint: str, page: Page | None, about: Sequence[TapePair] | None) -> bool:
    """Return whether the fault could spoil this answer."""
    if fault.endpoint != endpoint or fault.kind not in ANSWER:
        return False
    if about is not None and fault.pair and not any(_fits_pair(fault, pair) for pair in about):
        return False
    return fault.kind not in PAGE if page is None else _fits_page(fault, page)


def _fits_page(fault: Fault, page: Page) -> bool:
    """Return whether the page has the trades that the fault needs."""
    match fault.kind:
        case FaultKind.REPEAT:
            return page.since is not None and page.start > 0
        case FaultKind.JUMP | FaultKind.HOLE:
            return len(page.numbers) >= fault.trades + 2
        case FaultKind.BAD_ROW | FaultKind.SIX_FIELDS | FaultKind.ODD_ROW:
            return len(page.numbers) > 0
        case _:
            return True
