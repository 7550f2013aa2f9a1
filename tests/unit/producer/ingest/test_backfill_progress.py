from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import structlog
from rich.console import Console

from producer.ingest.backfill_progress import Course, ProgressBars, ProgressLines, open_display
from tests.unit.producer.fake_time import FakeTime

START = datetime(2026, 1, 30, 18, tzinfo=UTC)
END = START + timedelta(hours=4)


@pytest.fixture
def course(time: FakeTime) -> Callable[..., Course]:
    """Make a pair's course: `course()`."""
    return lambda start=START: Course("BTC/USD", END, start, lambda: time.now)


def test_a_course_tells_share_rate_and_time_left(
    course: Callable[..., Course], time: FakeTime
) -> None:
    """By the time span, as the number of trades to come is not known."""
    one = course()
    time.wait(10)
    one.advance(500, START + timedelta(hours=1), START)
    assert one.share == 0.25
    assert one.trades_per_second == 50
    assert one.left == timedelta(seconds=30)


def test_nothing_is_shown_that_is_not_known(course: Callable[..., Course]) -> None:
    """Before the first page it is not known how long it takes."""
    one = course()
    assert (one.share, one.left, one.trades_per_second) == (0.0, None, 0.0)


def test_a_pair_from_its_beginning_starts_with_its_first_trade(
    course: Callable[..., Course],
) -> None:
    """Not in 1970."""
    one = course(None)
    assert one.share == 0.0
    one.advance(10, START + timedelta(hours=2), START)
    assert one.share == 0.5


def test_a_page_without_a_time_moves_nothing(course: Callable[..., Course]) -> None:
    """A pair may have no trades at all."""
    one = course(None)
    one.advance(0, None, None)
    assert (one.reached, one.share) == (None, 0.0)


def test_a_finished_course_has_nothing_left(course: Callable[..., Course]) -> None:
    """Even if its last trade was long before the end."""
    one = course()
    one.finish()
    assert (one.share, one.left, one.reached) == (1.0, timedelta(), END)


def test_lines_come_every_ten_seconds_and_at_the_end(
    course: Callable[..., Course], time: FakeTime
) -> None:
    """A log of a long backfill stays readable."""
    one, display = course(), ProgressLines(lambda: time.now)
    with structlog.testing.capture_logs() as lines:
        for _ in range(21):
            one.advance(100, START + timedelta(hours=1), START)
            display.show(one)
            time.wait(1)
        one.finish()
        display.show(one)
    assert [line["event"] for line in lines] == ["backfilling"] * 3 + ["backfilled"]
    assert lines[2] == {
        "event": "backfilling",
        "log_level": "info",
        "symbol": "BTC/USD",
        "trades": 2100,
        "reached": "2026-01-30T19:00:00+00:00",
        "trades_per_second": 105.0,
        "seconds_left": 60.0,
    }


def test_bars_show_a_line_for_each_pair(course: Callable[..., Course], time: FakeTime) -> None:
    """Trades, date reached, rate and time left."""
    screen = StringIO()
    console = Console(file=screen, force_terminal=True, width=120)
    one = course()
    with ProgressBars(console) as bars:
        bars.show(one)
        time.wait(10)
        one.advance(12_500, START + timedelta(hours=1), START)
        bars.show(one)
    last = screen.getvalue()
    for figure in ("BTC/USD", "25%", "12,500 trades", "2026-01-30 19:00:00", "1,250/s", "0:00:30"):
        assert figure in last


def test_bars_are_for_terminals() -> None:
    """Elsewhere their control characters would spoil the log."""
    assert isinstance(open_display(Console(file=StringIO())), ProgressLines)
    assert isinstance(open_display(Console(file=StringIO(), force_terminal=True)), ProgressBars)
