"""Asking Kraken again for what a page lacks."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from producer.gaps import Settled, settle_gaps
from producer.kraken.page import PAGE_LIMIT, RejectedRow, TradesPage
from producer.kraken.pairs import KrakenPair
from producer.selection import Gap
from producer.starting_point import just_before
from producer.trade import Trade

BTC = KrakenPair("XXBTZUSD", "XBT/USD", "XBTUSD", "BTC/USD")
MakePage = Callable[..., TradesPage]


class Answers:
    """A Kraken that gives the answers it is handed, one after the other."""

    def __init__(self, *pages: TradesPage) -> None:
        self.pages = list(pages)
        self.asked: list[str | None] = []

    def trades(self, pair: KrakenPair, since: str | None) -> TradesPage:
        """The next answer."""
        assert pair == BTC
        self.asked.append(since)
        return self.pages.pop(0)


def gaps_of(page: TradesPage) -> Sequence[Gap]:
    """The gaps behind a trade 1 that was recorded before."""
    ids = sorted({1, *(t.trade_id for t in page.trades), *(r.trade_id for r in page.rejected)})
    return [Gap(a, b) for a, b in pairwise(ids) if b > a + 1]


def settle(kraken: Answers, page: TradesPage, since: str | None = "5000") -> Settled:
    """Settles the page's gaps."""
    return settle_gaps(kraken, BTC, since, page, gaps_of)


def ids(page: TradesPage) -> list[int]:
    """The trade ids of a page, by size."""
    return sorted(trade.trade_id for trade in page.trades)


def test_a_page_without_gaps_is_left_alone(page: MakePage) -> None:
    """Nobody is asked."""
    settled = settle(Answers(), page([2, 3]))
    assert settled == Settled(page([2, 3]))


def test_a_gap_is_confirmed_by_two_answers(
    page: MakePage, trades: Callable[..., list[Trade]]
) -> None:
    """Each asked for from just before the trade on its near side."""
    kraken = Answers(page([2, 5]), page([2, 5]))
    settled = settle(kraken, page([2, 5]))
    assert settled == Settled(page([2, 5]), (Gap(2, 5),))
    (near, _) = trades([2, 5])
    assert kraken.asked == [just_before(near.executed_at)] * 2


def test_what_is_found_is_added(page: MakePage) -> None:
    """Once nothing is missing any more, nobody is asked again."""
    settled = settle(Answers(page([2, 3, 4, 5])), page([2, 5]))
    assert ids(settled.page) == [2, 3, 4, 5]
    assert settled.confirmed == ()
    assert settled.page.last == "5"


def test_a_page_that_was_filled_is_as_full_as_it_should_have_come(page: MakePage) -> None:
    """Else it would be taken for the last one: a full page alone says that there are more."""
    short = replace(page([2, 5]), rows=PAGE_LIMIT - 2)
    settled = settle(Answers(page([2, 3, 4, 5])), short)
    assert (settled.page.rows, settled.page.is_full) == (PAGE_LIMIT, True)


def test_what_the_second_answer_alone_holds_is_added_too(page: MakePage) -> None:
    """The rest of the gap is confirmed."""
    settled = settle(Answers(page([2, 6]), page([2, 4, 6])), page([2, 6]))
    assert ids(settled.page) == [2, 4, 6]
    assert settled.confirmed == (Gap(2, 4), Gap(4, 6))


def test_an_answer_that_ends_too_early_confirms_nothing(page: MakePage) -> None:
    """Behind its end the trades may be there."""
    settled = settle(Answers(page([2, 3]), page([3, 6])), page([2, 6]))
    assert ids(settled.page) == [2, 3, 6]
    assert settled.confirmed == ()


def test_one_answer_serves_the_gaps_that_it_covers(page: MakePage) -> None:
    """Kraken is not called for each."""
    kraken = Answers(*[page([2, 4, 6]), page([6, 8])] * 2)
    settled = settle(kraken, page([2, 4, 6, 8]))
    assert settled.confirmed == (Gap(2, 4), Gap(4, 6), Gap(6, 8))
    assert len(kraken.asked) == 4


@pytest.mark.parametrize(("since", "asked"), [("5000", "4000"), ("7", "0"), (None, None)])
def test_a_gap_before_the_page_is_asked_for_from_before_its_cursor(
    page: MakePage, since: str | None, asked: str | None
) -> None:
    """So that the trade before it, which has been recorded, comes again."""
    kraken = Answers(page([1, 4]), page([1, 4]))
    settled = settle(kraken, page([4]), since)
    assert settled.confirmed == (Gap(1, 4),)
    assert kraken.asked == [asked] * 2


def test_a_rejected_row_fills_a_gap(page: MakePage) -> None:
    """It is no trade, but it is no hole either."""
    row = RejectedRow('["NaN"]', "price is no number", 3)
    settled = settle(Answers(page([2, 4], rejected=[row])), page([2, 4]))
    assert settled.page.rejected == (row,)
    assert settled.confirmed == ()


def test_only_the_gaps_are_filled(page: MakePage) -> None:
    """What else an answer holds belongs to other pages."""
    settled = settle(Answers(page([1, 2, 3, 4, 5, 6])), page([2, 4]))
    assert ids(settled.page) == [2, 3, 4]
