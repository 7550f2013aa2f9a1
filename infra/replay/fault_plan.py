"""The faults of a running server, and what those do that spoil a page of trades."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from infra.replay.faults import SPOILS_FRAME, SPOILS_PAGE, ArmedFault, Fault, FaultKind
from infra.replay.paging import Page
from infra.replay.tape import TapePair


class FaultPlan:
    """Decides which answer is spoiled, by which fault: one at most, the first that fits."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._armed = [ArmedFault(fault) for fault in faults]

    @property
    def armed(self) -> Sequence[ArmedFault]:
        """All faults, spent ones too, in the order in which they were added."""
        return tuple(self._armed)

    def add(self, faults: Iterable[Fault]) -> None:
        """Arms more faults. May be called from another thread."""
        self._armed.extend(ArmedFault(fault) for fault in faults)

    def clear(self) -> None:
        """Disarms all. Holes stay holes."""
        self._armed.clear()

    def next_frame_fault(self, pair: TapePair) -> Fault | None:
        """The fault that strikes at this frame of the pair's trades, counted as struck."""
        return self._next_live_fault(SPOILS_FRAME, pair)

    def refuses(self, pair: TapePair) -> bool:
        """Whether a fault refuses this subscription; counts it as struck."""
        return self._next_live_fault({FaultKind.REFUSE_SYMBOL}, pair) is not None

    def _next_live_fault(self, kinds: Collection[FaultKind], pair: TapePair) -> Fault | None:
        for armed in self.armed:
            fits = armed.fault.kind in kinds and armed.fault.pair in (None, *pair.names)
            if fits and armed.strikes():
                return armed.fault
        return None

    def next_fault(self, endpoint: str, page: Page | None = None) -> Fault | None:
        """The fault that spoils this answer, counted as struck."""
        for armed in self.armed:
            if _fits(armed.fault, endpoint, page) and armed.strikes():
                return armed.fault
        return None


class Holes:
    """Trades that are missing for good, by pair."""

    def __init__(self) -> None:
        self._missing: defaultdict[str, set[int]] = defaultdict(set)

    def dig(self, page: Page, trades: int) -> None:
        """Takes trades out of the page's middle, from now on."""
        self._missing[page.tape.pair.rest_name].update(_middle(page, trades))

    def without_missing(self, page: Page) -> Page:
        """The page without the trades that are missing."""
        return _without(page, self.of(page.tape.pair.rest_name))

    def of(self, rest_name: str) -> AbstractSet[int]:
        """The numbers of a pair's trades that are missing."""
        return self._missing.get(rest_name, frozenset())


def repeat(page: Page, trades: int) -> Page:
    """The page with the trades before the cursor in front."""
    first = max(0, page.start - trades)
    return replace(page, numbers=[*range(first, page.start), *page.numbers])


def jump(page: Page, trades: int) -> Page:
    """The page without some trades in its middle."""
    return _without(page, _middle(page, trades))


def _without(page: Page, numbers: Iterable[int]) -> Page:
    missing = frozenset(numbers)
    return replace(page, numbers=[number for number in page.numbers if number not in missing])


def _middle(page: Page, trades: int) -> Sequence[int]:
    """So many trades from the middle of the page, which keeps its first and its last."""
    first = (len(page.numbers) - trades + 1) // 2
    return page.numbers[first : first + trades]


def _fits(fault: Fault, endpoint: str, page: Page | None) -> bool:
    """Whether the fault could spoil this answer."""
    if fault.endpoint != endpoint or fault.kind in (*SPOILS_FRAME, FaultKind.REFUSE_SYMBOL):
        return False
    if page is None:
        return fault.kind not in SPOILS_PAGE
    return fault.pair in (None, *page.tape.pair.names) and _fits_page(fault, page)


def _fits_page(fault: Fault, page: Page) -> bool:
    """Whether the page has the trades that the fault needs."""
    match fault.kind:
        case FaultKind.REPEAT:
            return page.since is not None and page.start > 0
        case FaultKind.JUMP | FaultKind.HOLE:
            return len(page.numbers) >= fault.trades + 2
        case FaultKind.BAD_ROW:
            return len(page.numbers) > 0
        case _:
            return True
