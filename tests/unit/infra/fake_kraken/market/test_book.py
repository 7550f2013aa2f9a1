"""The faults that change a pair's book: which trades they take, and what they make of them."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from infra.fake_kraken.faults.fault_plan import FaultPlan, Holes
from infra.fake_kraken.faults.faults import Fault, FaultKind
from infra.fake_kraken.market.book import Book
from infra.fake_kraken.market.recording import Recording
from infra.fake_kraken.market.synthetic import synthetic_bursts, synthetic_tapes
from infra.fake_kraken.web.pages import Pages, TradesCall

SECOND = 10**9
BEGIN = 1_700_000_000 * SECOND
OpenBook = Callable[..., tuple[Book, Callable[..., list[Any]]]]


@pytest.fixture
def open_book(recording: Recording) -> OpenBook:
    """A made-up pair of ten trades a second, its fault armed at a hundred, and its pages."""

    def open_book(*faults: Fault) -> tuple[Book, Callable[..., list[Any]]]:
        plan = FaultPlan(clock=lambda: 0.0)
        (tape,) = synthetic_tapes(recording, count=10_000, rate=10.0, start=BEGIN)
        book = Book(tape, plan, Holes())
        plan.add(faults)
        book.settle(BEGIN + 10 * SECOND - 1)  # a hundred trades have happened
        pages = Pages(plan)

        def rows(seconds: float, since: int = 0, count: int = 1000) -> list[Any]:
            now = BEGIN + round(seconds * SECOND)
            call = TradesCall(book, since, count, now)
            body = json.loads(pages.body(pages.turn(call), None, ""))
            return list(body["result"]["SYN1USDT"])

        return book, rows

    return open_book


def lacking(rows: Sequence[Any]) -> list[int]:
    """The ids that a page should hold between its first and its last, and does not."""
    ids = [row[6] for row in rows]
    return sorted(set(range(min(ids), max(ids) + 1)) - set(ids))


@pytest.mark.parametrize(
    ("socket", "unsent"), [("all", set()), ("some", {102}), ("none", {102, 103, 104})]
)
def test_rest_lacks_withheld_trades_for_a_while(
    open_book: OpenBook, socket: str, unsent: set[int]
) -> None:
    """It has later ones; the WebSocket sends all, some or none of them."""
    fault = Fault.model_validate(
        {"kind": "withheld", "trades": 3, "after": 2, "seconds": 60, "socket": socket}
    )
    book, rows = open_book(fault)
    assert lacking(rows(12)) == [103, 104, 105]
    assert lacking(rows(70)) == [103, 104, 105]
    assert lacking(rows(71)) == []
    assert book.missing_from_socket() == unsent


def test_only_every_second_back_end_lacks_them(open_book: OpenBook) -> None:
    """The same call is answered differently in turn."""
    _, rows = open_book(Fault(kind=FaultKind.WITHHELD, trades=2, after=1, seconds=60, every=2))
    assert [lacking(rows(12)) for _ in range(4)] == [[], [102, 103]] * 2


def test_nothing_is_withheld_once_the_faults_are_cleared(recording: Recording) -> None:
    """So that a run can settle."""
    plan = FaultPlan([Fault(kind=FaultKind.WITHHELD, seconds=600)])
    (tape,) = synthetic_tapes(recording, count=100, rate=10.0, start=BEGIN)
    book = Book(tape, plan, Holes())
    book.settle(BEGIN)
    assert book.missing_from_rest(BEGIN) == {1}
    plan.clear()
    assert book.missing_from_rest(BEGIN) == set()


def test_a_real_hole_is_shown_by_nobody_ever(open_book: OpenBook) -> None:
    """Neither by REST nor by the WebSocket, however late they are asked."""
    book, rows = open_book(Fault(kind=FaultKind.NEVER, trades=3, after=1))
    assert lacking(rows(12)) == lacking(rows(10_000, BEGIN + 5 * SECOND)) == [102, 103, 104]
    assert book.missing_from_socket() == {101, 102, 103}


def test_a_trade_out_of_order_is_stamped_before_the_one_that_precedes_it(
    open_book: OpenBook,
) -> None:
    """Two milliseconds, after it in the list; a cursor between both does not reach it."""
    book, rows = open_book(Fault(kind=FaultKind.OUT_OF_ORDER, trades=2))
    times = {row[6]: float(row[2]) for row in rows(12)}
    assert list(times) == sorted(times)
    assert times[101] - times[102] == pytest.approx(0.002, abs=1e-4)
    assert times[104] - times[105] == pytest.approx(0.002, abs=1e-4)
    just_before = book.cursor(100) - 1000
    assert [row[6] for row in rows(12, just_before)][:3] == [101, 103, 104]
    assert [row[6] for row in rows(12, just_before - 2_000_000)][:3] == [101, 102, 103]


def test_a_trade_out_of_order_ends_a_page_with_its_own_cursor(open_book: OpenBook) -> None:
    """So the page that follows repeats its predecessor."""
    book, _ = open_book(Fault(kind=FaultKind.OUT_OF_ORDER))
    assert book.cursor(101) < book.cursor(100)
    assert book.first_after(book.cursor(101)) == 100


def test_an_unreadable_trade_has_eleven_decimals(open_book: OpenBook) -> None:
    """Its other fields are as they were, and the book knows which it is."""
    book, rows = open_book(Fault(kind=FaultKind.UNREADABLE, trades=2))
    prices = {row[6]: row[0] for row in rows(12)}
    long = [trade_id for trade_id, price in prices.items() if len(price.partition(".")[2]) == 11]
    assert long == [101, 102]
    assert book.unreadable == {100, 101}


def test_a_new_book_counts_from_the_start(open_book: OpenBook) -> None:
    """The trades before keep their ids."""
    book, rows = open_book(Fault(kind=FaultKind.NEW_BOOK, first=7, after=1))
    assert [row[6] for row in rows(12)][99:104] == [100, 101, 7, 8, 9]
    assert [book.epoch(number) for number in (100, 101)] == [0, 1]
    assert book.ids([100, 101]) == [101, 7]


def test_a_new_book_may_come_after_a_pause(open_book: OpenBook) -> None:
    """Nothing is traded meanwhile; its trades have later times, by the pause."""
    book, rows = open_book(Fault(kind=FaultKind.NEW_BOOK, pause=90))
    assert [row[6] for row in rows(90)] == list(range(1, 101))
    assert [row[6] for row in rows(101)][99:102] == [100, 1, 2]
    assert [row[6] for row in rows(101, book.cursor(99))][:2] == [1, 2]
    times = [float(row[2]) for row in rows(101)]
    assert times[100] - times[99] == pytest.approx(90.1)
    assert book.first_after(book.cursor(100)) == 101


def test_a_renamed_pair_keeps_its_key(open_book: OpenBook) -> None:
    """AssetPairs has the new wsname, Trades still the key."""
    book, rows = open_book(Fault(kind=FaultKind.RENAMED, name="NEW/USDT"))
    assert (book.pair.rest_name, book.pair.wsname) == ("SYN1USDT", "NEW/USDT")
    assert json.loads(book.pair.entry)["wsname"] == "NEW/USDT"
    assert book.symbols_named == ["SYN1/USDT", "NEW/USDT"]
    assert rows(12)


def test_a_fault_of_another_pair_leaves_the_book_alone(open_book: OpenBook) -> None:
    """Every trade is there."""
    _, rows = open_book(Fault(kind=FaultKind.NEVER, pair="SYN2USDT"))
    assert lacking(rows(12)) == []


def test_a_short_page_is_followed_by_the_next(open_book: OpenBook) -> None:
    """Its cursor leads on from its last trade."""
    book, rows = open_book(Fault(kind=FaultKind.SHORT_PAGES, trades=50, lasting=1))
    assert [row[6] for row in rows(12)] == list(range(1, 51))
    assert rows(12, book.cursor(49))[0][6] == 51


def test_every_second_page_may_be_stale(open_book: OpenBook) -> None:
    """One back end is five seconds behind the other."""
    _, rows = open_book(Fault(kind=FaultKind.STALE, seconds=5, every=2, lasting=1))
    assert [rows(12)[-1][6] for _ in range(4)] == [121, 71] * 2


def test_a_burst_ends_before_a_pause(recording: Recording) -> None:
    """Of a pair that trades in bursts each last trade is known."""
    (tape,) = synthetic_tapes(recording, count=30, rate=10.0, start=BEGIN)
    burst = synthetic_bursts(tape, trades=10, pause=3.0)
    assert [burst.visible(BEGIN + second * SECOND) for second in (0, 1, 3, 4, 9)] == [
        1,
        10,
        10,
        12,
        30,
    ]
    book = Book(burst, FaultPlan(), Holes())
    assert book.lasts_before_a_pause(range(30)) == {9, 19, 29}
