import pytest

from infra.fake_kraken.faults.fault_plan import FaultPlan, Holes, jump, repeat
from infra.fake_kraken.faults.faults import Fault, FaultKind
from infra.fake_kraken.market.paging import Page, turn_page
from infra.fake_kraken.market.recording import Recording


def page_of(recording: Recording, first: int, count: int) -> Page:
    """A page of this many trades from a number on."""
    since = recording.cursor(first - 1) if first else 0
    return turn_page(recording, since=since, count=count, now=0)


def test_the_first_fault_that_fits_strikes(recording: Recording) -> None:
    """One an answer, in the order in which they were added; then none is left."""
    plan = FaultPlan([Fault(kind=FaultKind.CUT), Fault(kind=FaultKind.SLOW, times=2)])
    page = page_of(recording, 0, 10)
    struck = [plan.next_fault("Trades", page) for _ in range(4)]
    assert [fault and fault.kind for fault in struck] == ["cut", "slow", "slow", None]
    assert [armed.fired for armed in plan.armed] == [1, 2]


def test_a_fault_waits_for_its_endpoint(recording: Recording) -> None:
    """Answers of other endpoints do not use it up."""
    plan = FaultPlan([Fault(kind=FaultKind.CUT, endpoint="AssetPairs")])
    assert plan.next_fault("Trades", page_of(recording, 0, 10)) is None
    assert plan.next_fault("Time") is None
    assert plan.next_fault("AssetPairs") is not None


@pytest.mark.parametrize(("pair", "fired"), [("XBT/USDT", 1), ("ETHUSD", 0)])
def test_a_fault_waits_for_its_pair(recording: Recording, pair: str, fired: int) -> None:
    """Any of the pair's names will do."""
    plan = FaultPlan([Fault(kind=FaultKind.CUT, pair=pair)])
    plan.next_fault("Trades", page_of(recording, 0, 10))
    assert [armed.fired for armed in plan.armed] == [fired]


@pytest.mark.parametrize("kind", [FaultKind.JUMP, FaultKind.HOLE])
def test_a_hole_waits_for_a_page_that_is_long_enough(recording: Recording, kind: FaultKind) -> None:
    """It lies in a page's middle: the first and the last trade stay."""
    plan = FaultPlan([Fault(kind=kind, trades=3)])
    assert plan.next_fault("Trades", page_of(recording, 0, 4)) is None
    assert plan.next_fault("Trades", page_of(recording, 0, 5)) is not None


def test_a_repeat_waits_for_a_page_that_has_something_before_it(recording: Recording) -> None:
    """Neither the first page nor one without a cursor has; an empty one may."""
    plan = FaultPlan([Fault(kind=FaultKind.REPEAT)])
    assert plan.next_fault("Trades", page_of(recording, 0, 10)) is None
    newest = turn_page(recording, since=None, count=10, now=0)
    assert plan.next_fault("Trades", newest) is None
    assert plan.next_fault("Trades", page_of(recording, 1000, 10)) is not None


def test_a_bad_row_waits_for_a_page_with_rows(recording: Recording) -> None:
    """It is made from the last one."""
    plan = FaultPlan([Fault(kind=FaultKind.BAD_ROW)])
    assert plan.next_fault("Trades", page_of(recording, 1000, 10)) is None
    assert plan.next_fault("Trades", page_of(recording, 0, 1)) is not None


def test_faults_can_be_added_and_cleared(recording: Recording) -> None:
    """While the server runs."""
    plan = FaultPlan()
    plan.add([Fault(kind=FaultKind.CUT, times="always")])
    assert plan.next_fault("Trades", page_of(recording, 0, 10)) is not None
    plan.clear()
    assert plan.next_fault("Trades", page_of(recording, 0, 10)) is None


def test_a_repeat_puts_the_trades_before_the_cursor_in_front(recording: Recording) -> None:
    """So many as there are at most; the cursor for the next page stays."""
    page = page_of(recording, 5, 3)
    assert list(repeat(page, 2).numbers) == [3, 4, 5, 6, 7]
    assert list(repeat(page, 9).numbers) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert repeat(page, 2).last == page.last


@pytest.mark.parametrize(
    ("count", "trades", "left"),
    [(3, 1, [0, 2]), (4, 1, [0, 1, 3]), (5, 3, [0, 4]), (10, 2, [0, 1, 2, 3, 6, 7, 8, 9])],
)
def test_a_jump_takes_trades_from_the_middle(
    recording: Recording, count: int, trades: int, left: list[int]
) -> None:
    """The next cursor stays the same, so a client gets them only by asking again."""
    page = page_of(recording, 0, count)
    assert list(jump(page, trades).numbers) == left
    assert jump(page, trades).last == page.last


def test_a_hole_is_there_for_good(recording: Recording) -> None:
    """Every later page over that range lacks the same trades, and is as long as any other."""
    holes = Holes()
    holes.dig(page_of(recording, 0, 10), 2)
    missing = holes.of(recording.pair.rest_name)
    assert missing == {4, 5}
    assert holes.of("ANOTHER") == frozenset()
    shortened = holes.without_missing(page_of(recording, 0, 10))
    assert list(shortened.numbers) == [0, 1, 2, 3, 6, 7, 8, 9]
    for first, count in ((0, 10), (3, 5), (4, 2)):
        since = recording.cursor(first - 1) if first else 0
        page = turn_page(recording, since=since, count=count, now=0, missing=missing)
        assert list(page.numbers) == [n for n in range(first, first + count + 2) if n not in (4, 5)]
        assert page.last == recording.cursor(page.numbers[-1])


def test_faults_of_the_websocket_leave_rest_alone(recording: Recording) -> None:
    """And the other way round; each waits for its pair."""
    plan = FaultPlan(
        [
            Fault(kind=FaultKind.CUT),
            Fault(kind=FaultKind.CLOSE, pair="ETHUSD"),
            Fault(kind=FaultKind.SILENCE, pair="XBTUSDT"),
            Fault(kind=FaultKind.REFUSE_SYMBOL),
        ]
    )
    struck = plan.next_frame_fault(recording.pair)
    assert struck is not None
    assert struck.kind is FaultKind.SILENCE
    assert plan.next_frame_fault(recording.pair) is None
    assert plan.refuses(recording.pair)
    assert not plan.refuses(recording.pair)
    page = page_of(recording, 0, 10)
    assert [plan.next_fault("Trades", page) is None for _ in range(2)] == [False, True]
