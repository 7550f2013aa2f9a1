import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.fake_kraken.market.paging import turn_page, write_page
from infra.fake_kraken.market.recording import Recording, unique_cursors
from infra.fake_kraken.market.synthetic import synthetic_tapes
from infra.fake_kraken.market.tape import Tape, TapePair

LAST = 1762820035982277754
PAIR = TapePair("AB", "AB", "A/B", "{}")


def walk(tape: Tape, since: int, counts: list[int]) -> list[int]:
    """Pages on from a cursor to the end, with these page sizes in turn."""
    seen: list[int] = []
    for count in [*counts, *[1000] * len(range(0, tape.visible(0), 1000)), 1000]:
        page = turn_page(tape, since=since, count=count, now=0)
        assert len(page.numbers) <= count
        seen.extend(page.numbers)
        since = page.last
    return seen


def tape_of(times: list[int], off: int) -> Recording:
    """A recording of trades at these nanoseconds."""
    fields = tuple(('"1"', '"1"', "0", '"b"', '"l"', '""', str(time)) for time in times)
    return Recording(PAIR, fields, unique_cursors(times, times[-1] + off))


@given(st.lists(st.integers(1, 1000), max_size=20))
def test_paging_yields_every_recorded_trade_once(recording: Recording, counts: list[int]) -> None:
    """Whatever the page sizes, although many trades share a time."""
    assert walk(recording, 0, counts) == list(range(1000))


@given(
    st.lists(st.integers(100, 120), min_size=1, max_size=200).map(sorted),
    st.integers(-5, 5),
    st.lists(st.integers(1, 7), max_size=100),
)
def test_paging_yields_every_trade_once_whatever_the_times(
    times: list[int], off: int, counts: list[int]
) -> None:
    """Dense times and small pages, so that most pages end amid trades of one time."""
    assert walk(tape_of(times, off), 0, counts) == list(range(len(times)))


@given(st.integers(0, 999), st.lists(st.integers(1, 1000), max_size=5))
def test_paging_from_any_trades_cursor_yields_what_is_behind_it(
    recording: Recording, number: int, counts: list[int]
) -> None:
    """The cursor is exclusive, and each trade has one of its own."""
    assert walk(recording, recording.cursor(number), counts) == list(range(number + 1, 1000))


@given(st.integers(0, 2 * LAST))
def test_any_cursor_splits_the_trades_in_two(recording: Recording, since: int) -> None:
    """What a page holds is behind the cursor, what it leaves out before is not."""
    page = turn_page(recording, since=since, count=1000, now=0)
    assert all(recording.cursor(number) > since for number in page.numbers)
    assert all(recording.cursor(number) <= since for number in range(page.start))


@given(st.integers(1, 10_000), st.lists(st.integers(1, 1000), max_size=20))
def test_paging_yields_every_synthetic_trade_once(
    recording: Recording, count: int, counts: list[int]
) -> None:
    """The same holds for made-up trades."""
    (tape,) = synthetic_tapes(recording, count=count)
    assert walk(tape, 0, counts) == list(range(count))


@pytest.mark.parametrize("count", [1, 10, 1000])
def test_without_a_cursor_the_newest_trades_come(recording: Recording, count: int) -> None:
    """And `last` leads on from there."""
    page = turn_page(recording, since=None, count=count, now=0)
    assert list(page.numbers) == list(range(1000 - count, 1000))
    assert page.last == LAST


@pytest.mark.parametrize("since", [LAST, LAST + 1, 2 * LAST])
def test_nothing_new_gives_the_cursor_back(recording: Recording, since: int) -> None:
    """An empty page, whose `last` is the `since` that was sent."""
    page = turn_page(recording, since=since, count=1000, now=0)
    assert list(page.numbers) == []
    assert page.last == since


def test_before_the_first_trade_the_cursor_is_zero(recording: Recording) -> None:
    """Paging on from it misses nothing once trades come."""
    (tape,) = synthetic_tapes(recording, count=10, rate=1.0, start=100 * 10**9)
    page = turn_page(tape, since=None, count=1000, now=0)
    assert (list(page.numbers), page.last) == ([], 0)
    assert len(turn_page(tape, since=0, count=1000, now=200 * 10**9).numbers) == 10


def test_what_has_not_happened_is_not_there(recording: Recording) -> None:
    """Neither with a cursor before it nor with one beyond it."""
    (tape,) = synthetic_tapes(recording, count=10, rate=1.0, start=0)
    now = 3 * 10**9
    assert list(turn_page(tape, since=10**9, count=1000, now=now).numbers) == [2, 3]
    beyond = turn_page(tape, since=8 * 10**9, count=1000, now=now)
    assert (list(beyond.numbers), beyond.start) == ([], 4)


def test_a_body_is_krakens(recording: Recording) -> None:
    """The written page is what the recorded answer is, `last` as text included."""
    body = write_page(turn_page(recording, since=None, count=1, now=0))
    assert body.decode() == (
        '{"error":[],"result":{"XBTUSDT":[["105899.40000","0.00009443",1762820035.9822779,'
        '"s","m","",10219207]],"last":"1762820035982277754"}}'
    )


def test_an_empty_body_is_krakens(recording: Recording) -> None:
    """No rows, no stray comma."""
    page = replace(turn_page(recording, since=LAST, count=1, now=0), numbers=[])
    assert json.loads(write_page(page))["result"] == {"XBTUSDT": [], "last": str(LAST)}
