from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.model.cursor import Cursor
from producer.model.gaps.gap_ledger import MissingOfPair
from producer.model.page import RejectedRow, TradesPage
from producer.model.page_update import PageUpdate, Recorded
from producer.model.selection import select

MakePage = Callable[..., TradesPage]
MakeCursor = Callable[..., Cursor]
Select = Callable[..., PageUpdate | None]


@pytest.fixture(scope="session")
def selected(now: datetime) -> Select:
    """Select for BTC/USD."""
    return lambda page, cursor=None, missing=(): select(
        page, Recorded("KRAKEN", "BTC/USD", cursor, MissingOfPair(missing)), now
    )


@pytest.fixture(scope="session")
def cursor_at(now: datetime) -> MakeCursor:
    """Make a cursor: `cursor_at(5)`."""
    return lambda last, since=None: Cursor(
        exchange="KRAKEN",
        symbol="BTC/USD",
        last_trade_id=last,
        since=str(last) if since is None else since,
        updated_at=now,
    )


def ids(publication: PageUpdate | None) -> list[int]:
    """The trade ids that would be written."""
    assert publication is not None
    return [trade.trade_id for trade in publication.trades]


def test_everything_is_new_without_a_cursor(
    page: MakePage, selected: Select, now: datetime
) -> None:
    """A pair that was never recorded starts with the page that Kraken gives."""
    publication = selected(page([7, 8, 9], last="1762820035982277754"))
    assert ids(publication) == [7, 8, 9]
    assert publication.cursor == Cursor(
        exchange="KRAKEN",
        symbol="BTC/USD",
        last_trade_id=9,
        since="1762820035982277754",
        updated_at=now,
    )
    assert publication.suspected == ()


def test_trades_that_the_cursor_covers_are_dropped(
    page: MakePage, selected: Select, cursor_at: MakeCursor
) -> None:
    """A page that begins with the last trade again gives only what is behind it."""
    assert ids(selected(page([4, 5, 6]), cursor_at(5))) == [6]


def test_a_trade_that_stands_twice_in_a_page_is_taken_once(
    page: MakePage, selected: Select
) -> None:
    """A page that repeats a trade does not write it twice."""
    assert ids(selected(page([1, 2, 2, 3]))) == [1, 2, 3]


def test_trades_are_written_by_trade_id(page: MakePage, selected: Select) -> None:
    """A page out of order is put in order, so that none of it is taken for recorded."""
    assert ids(selected(page([3, 1, 2], last="3"))) == [1, 2, 3]


def test_nothing_new_and_the_same_cursor_is_nothing_to_write(
    page: MakePage, selected: Select, cursor_at: MakeCursor
) -> None:
    """An empty answer with the cursor that was sent writes nothing."""
    assert selected(page([], last="5"), cursor_at(5)) is None
    assert selected(page([5], last="5"), cursor_at(5)) is None


def test_a_cursor_that_merely_moved_is_written(
    page: MakePage, selected: Select, cursor_at: MakeCursor
) -> None:
    """The next start then asks for less."""
    publication = selected(page([], last="6"), cursor_at(5))
    assert ids(publication) == []
    assert (publication.cursor.since, publication.cursor.last_trade_id) == ("6", 5)


def test_gaps_before_and_within_a_page_are_reported(
    page: MakePage, selected: Select, cursor_at: MakeCursor
) -> None:
    """Ids that are not contiguous are suspected to hide trades."""
    publication = selected(page([8, 9, 12]), cursor_at(5))
    assert [gap.missing for gap in publication.suspected] == [2, 2]
    assert [str(gap) for gap in publication.suspected] == ["6..7", "10..11"]
    assert publication.changes.put == publication.suspected


def test_a_rejected_row_closes_the_gap_it_leaves(
    page: MakePage, selected: Select, cursor_at: MakeCursor
) -> None:
    """The id of a row that went to the dead letters is not missing."""
    row = RejectedRow('["NaN"]', "price is no number", 7)
    publication = selected(page([6, 8], rejected=[row]), cursor_at(5))
    assert publication.dead_letters == (row,)
    assert publication.suspected == ()


def test_a_rejected_row_at_the_end_moves_the_last_id(
    page: MakePage, selected: Select, cursor_at: MakeCursor
) -> None:
    """A page that begins with it again does not reject it again."""
    row = RejectedRow('["NaN"]', "price is no number", 7)
    first = selected(page([6], last="7", rejected=[row]), cursor_at(5))
    assert first.cursor.last_trade_id == 7
    assert selected(page([8], rejected=[row]), first.cursor).dead_letters == ()


def test_a_rejected_row_with_an_absurd_id_hides_no_later_trade(
    page: MakePage, selected: Select, cursor_at: MakeCursor
) -> None:
    """Its id is no reason to drop what comes after it."""
    row = RejectedRow('["1", 999999]', "absurd", 999999)
    first = selected(page([6], last="6", rejected=[row]), cursor_at(5))
    assert first.cursor.last_trade_id == 6
    assert first.suspected == ()
    assert ids(selected(page([7]), first.cursor)) == [7]


@pytest.mark.parametrize("trade_id", [None, 999999], ids=["no id", "absurd id"])
def test_a_rejected_row_is_kept_once_while_the_cursor_stands(
    page: MakePage, selected: Select, cursor_at: MakeCursor, trade_id: int | None
) -> None:
    """A page that repeats does not fill the dead letters, even if a row has no id."""
    row = RejectedRow('["1"]', "rejected", trade_id)
    first = selected(page([6], last="6", rejected=[row]), cursor_at(5))
    assert first.dead_letters == (row,)
    assert selected(page([6], last="6", rejected=[row]), first.cursor) is None


@given(
    lengths=st.lists(st.integers(0, 6), max_size=12),
    overlap=st.integers(0, 4),
)
def test_pages_that_overlap_give_each_trade_once(
    page: MakePage, selected: Select, lengths: list[int], overlap: int
) -> None:
    """However pages are cut and repeat each other, every trade is written once, in order."""
    written: list[int] = []
    cursor, end = None, 100
    for length in lengths:
        start, end = end, end + length
        publication = selected(page(range(max(100, start - overlap), end), last=str(end)), cursor)
        if publication is not None:
            written += ids(publication)
            cursor = publication.cursor
    assert written == list(range(100, end))
