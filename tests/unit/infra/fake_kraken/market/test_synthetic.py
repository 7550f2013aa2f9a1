import json
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.fake_kraken.market.recording import Recording
from infra.fake_kraken.market.synthetic import synthetic_tapes

SECOND = 10**9
START = 1_800_000_000 * SECOND


def test_pairs_are_called_synthetic(recording: Recording) -> None:
    """The names cannot be mistaken for Kraken's, and each pair has its own."""
    tapes = synthetic_tapes(recording, count=1, pairs=3)
    assert [tape.pair.wsname for tape in tapes] == ["SYN1/USDT", "SYN2/USDT", "SYN3/USDT"]
    assert [tape.pair.rest_name for tape in tapes] == ["SYN1USDT", "SYN2USDT", "SYN3USDT"]
    assert all(tape.synthetic for tape in tapes)
    entry = json.loads(tapes[0].pair.entry)
    assert (entry["altname"], entry["wsname"]) == ("SYN1USDT", "SYN1/USDT")


def test_pairs_share_the_trades_as_unequally_as_is_asked(recording: Recording) -> None:
    """By Zipf's law with exponent 1 the first has twice the second's; the sum stays the same."""
    tapes = synthetic_tapes(recording, count=1500, pairs=2, rate=15.0, start=START, skew=1.0)
    assert [tape.count for tape in tapes] == [2000, 1000]
    assert [tape.visible(START + 10 * SECOND - 1) for tape in tapes] == [200, 100]


@given(st.integers(0, 10**9))
def test_a_trade_depends_on_its_number_alone(recording: Recording, number: int) -> None:
    """Two servers answer the same, in whatever order they are asked."""
    one, other = (
        synthetic_tapes(recording, count=10**9 + 1, rate=50.0, start=START)[0] for _ in range(2)
    )
    other.rows(range(5))
    assert one.rows([number]) == other.rows([number])
    assert one.cursor(number) == other.cursor(number)


def test_trades_are_the_recordings_over_and_over(recording: Recording) -> None:
    """Prices, volumes and sides repeat; ids count on; times rise evenly."""
    (tape,) = synthetic_tapes(recording, count=2500, rate=1000.0, start=START)
    rows = [json.loads(row) for row in tape.rows(range(2500))]
    recorded = [json.loads(row) for row in recording.rows(range(1000))]
    for row, original in zip(rows, (recorded * 3)[:2500], strict=True):
        assert row[:2] + row[3:6] == original[:2] + original[3:6]
    assert [row[6] for row in rows] == list(range(1, 2501))
    assert tape.rows([0, 1, 1000])[2].split(",")[2] == "1800000001.0000000"


@given(st.integers(-5 * SECOND, 5 * SECOND))
def test_the_first_trade_after_a_cursor_is_the_first(recording: Recording, offset: int) -> None:
    """Every trade before it is at or before the cursor, it and all later ones are behind."""
    (tape,) = synthetic_tapes(recording, count=1000, rate=300.0, start=START)
    first = tape.first_after(START + offset)
    assert first == 0 or tape.cursor(first - 1) <= START + offset
    assert first == 1000 or tape.cursor(first) > START + offset


def test_at_a_rate_trades_become_visible(recording: Recording) -> None:
    """The first at the start, then this many per second, all of them at the end."""
    (tape,) = synthetic_tapes(recording, count=100, rate=20.0, start=START)
    seen = [tape.visible(START + offset * SECOND // 10) for offset in (-1, 0, 10, 20, 1000)]
    assert seen == [0, 1, 21, 41, 100]


def test_at_a_rate_trades_begin_now(recording: Recording) -> None:
    """A trade's time is when it becomes visible, so that delays can be measured by it."""
    before = time.time_ns()
    (tape,) = synthetic_tapes(recording, count=100, rate=20.0)
    assert before <= tape.cursor(0) <= time.time_ns()


def test_without_a_rate_all_trades_are_there(recording: Recording) -> None:
    """From the recording's own time on, a thousand a second."""
    (tape,) = synthetic_tapes(recording, count=5000)
    assert tape.visible(0) == 5000
    assert tape.cursor(0) == recording.cursor(0)
    assert tape.cursor(1000) - tape.cursor(0) == SECOND


@pytest.mark.parametrize("rate", [0.5, 7.0, 1e6, 1e12])
def test_cursors_rise_at_any_rate(recording: Recording, rate: float) -> None:
    """Even beyond one trade a nanosecond."""
    (tape,) = synthetic_tapes(recording, count=1000, rate=rate, start=START)
    assert all(a < b for a, b in pairwise(map(tape.cursor, range(1000))))


@given(st.integers(-SECOND, 30 * SECOND))
def test_trades_happen_in_stretches_with_pauses_between(recording: Recording, at: int) -> None:
    """What is visible is what has happened; a cursor in a pause leads to the trade behind it."""
    (tape,) = synthetic_tapes(recording, count=150, rate=10.0, start=START)
    first = tape.stretches[0]
    second = first.followed(START + 4 * SECOND, START + 10 * SECOND, rate=20.0)
    assert (second.first, second.spacing) == (41, SECOND // 20)
    paused = replace(tape, stretches=(first, second))
    times = [paused.cursor(index) for index in range(150)]
    assert all(a < b for a, b in pairwise(times))
    assert times[40:42] == [START + 4 * SECOND, START + 10 * SECOND]
    behind = paused.first_after(START + at)
    assert behind == sum(one <= START + at for one in times)
    assert paused.visible(START + at) == behind
