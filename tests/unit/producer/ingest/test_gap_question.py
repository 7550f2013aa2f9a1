"""What one question about missing ids asks, and when it is answered."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from producer.ingest.gap_question import GapQuestion
from producer.kraken.pairs import KrakenPair
from producer.model.gaps.open_gap import OpenGap
from producer.model.starting_point import cursor_at
from producer.model.trade import Trade
from tests.unit.producer.fake_kraken import FakeKraken

BTC = KrakenPair("XXBTZUSD", "XBT/USD", "XBTUSD", "BTC/USD")
MakeTrades = Callable[..., list[Trade]]
SECOND = 10**9


def nanoseconds(moment: datetime) -> int:
    """As Kraken counts."""
    return int(moment.timestamp()) * SECOND + moment.microsecond * 1000


@pytest.fixture(scope="session")
def gap(trades: MakeTrades, now: datetime) -> Callable[[int, int], OpenGap]:
    """A gap after a trade: `gap(100, 104)` lacks 101 to 103."""

    def make(after: int, before: int, near: str | None = None) -> OpenGap:
        (trade,) = trades([after])
        return OpenGap(
            exchange="KRAKEN",
            symbol="BTC/USD",
            first_trade_id=after + 1,
            last_trade_id=before - 1,
            near=cursor_at(trade.executed_micros) if near is None else near,
            found_at=now,
        )

    return make


def answered(question: GapQuestion, kraken: FakeKraken) -> int:
    """Pages until the question is done; how many it took."""
    for pages in range(1, 200):
        question.take(kraken.trades(BTC, question.since))
        if question.done:
            return pages
    raise AssertionError("it is never done")


@pytest.mark.parametrize("back", [1, 60])
def test_an_answer_covers_the_gap_with_both_neighbours(
    trades: MakeTrades, gap: Callable[..., OpenGap], now: datetime, back: int
) -> None:
    """It begins so long before it, and goes on page by page until ids well behind it come."""
    kraken = FakeKraken({"BTC/USD": trades([*range(30, 101), *range(104, 130)])}, by_time=True)
    kraken.page_size = 7
    question = GapQuestion(gap(100, 104), back, nanoseconds(now))
    began = int(question.since)
    (near,) = trades([100])
    assert back * SECOND <= near.executed_micros * 1000 - began < (back + 1) * SECOND
    answered(question, kraken)
    assert question.covers(gap(100, 104))
    assert not question.covers(gap(20, 25))


def test_an_answer_that_ends_before_the_gap_does_covers_nothing(
    trades: MakeTrades, gap: Callable[..., OpenGap], now: datetime
) -> None:
    """REST may lag behind the WebSocket."""
    kraken = FakeKraken({"BTC/USD": trades(range(95, 101))}, by_time=True)
    question = GapQuestion(gap(100, 104), 1, nanoseconds(now))
    answered(question, kraken)
    assert not question.covers(gap(100, 104))


def test_an_answer_that_begins_behind_the_gap_covers_nothing(
    trades: MakeTrades, gap: Callable[..., OpenGap], now: datetime
) -> None:
    """The ids before it are what shows that nothing was left out."""
    kraken = FakeKraken({"BTC/USD": trades(range(104, 110))}, by_time=True)
    question = GapQuestion(gap(100, 104), 1, nanoseconds(now))
    answered(question, kraken)
    assert question.lost
    assert not question.covers(gap(100, 104))


def test_no_two_questions_have_a_url_in_common(
    trades: MakeTrades, gap: Callable[..., OpenGap], now: datetime
) -> None:
    """Neither their first pages nor those that follow: an answer may come from a cache."""
    kraken = FakeKraken({"BTC/USD": trades(range(1, 300))}, by_time=True, page_size=9)
    for minute in range(20):
        moment = nanoseconds(now + timedelta(minutes=minute, microseconds=minute))
        answered(GapQuestion(gap(100, 200), 60, moment), kraken)
    assert len({since for _, since in kraken.asked}) == len(kraken.asked)


@pytest.mark.parametrize("micros", range(0, 1_000_000, 49_000))
def test_a_burst_is_asked_through_in_few_pages(
    trades: MakeTrades, gap: Callable[..., OpenGap], now: datetime, micros: int
) -> None:
    """A page lasts for a fifth of a second: half of each is new, whenever the question is put."""
    ids = [*range(1, 500), *range(504, 3_000)]
    start = trades([1])[0].executed_micros
    burst = [replace(one, executed_micros=start + 2_000 * one.trade_id) for one in trades(ids)]
    kraken = FakeKraken({"BTC/USD": burst}, by_time=True, page_size=100)
    about = gap(499, 504, near=cursor_at(burst[498].executed_micros))
    question = GapQuestion(about, 1, nanoseconds(now.replace(microsecond=micros)))
    assert answered(question, kraken) <= 25
    assert question.covers(about)


@given(first=st.integers(2, 900), missing=st.integers(1, 60), page_size=st.integers(2, 90))
def test_where_an_unknown_gap_lies_is_searched_for(  # noqa: PLR0913, PLR0917  fixtures and cases
    trades: MakeTrades,
    gap: Callable[..., OpenGap],
    now: datetime,
    first: int,
    missing: int,
    page_size: int,
) -> None:
    """By halving: in a hundred pages or so, however long its trades are past."""
    every = trades([*range(1, first), *range(first + missing, 1000)])
    kraken = FakeKraken({"BTC/USD": every}, by_time=True, page_size=page_size)
    question = GapQuestion(gap(first - 1, first + missing, near=""), 1, nanoseconds(now))
    answered(question, kraken)
    assert question.covers(gap(first - 1, first + missing))
