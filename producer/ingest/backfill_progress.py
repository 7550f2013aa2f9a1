"""Show how far a backfill has come: progress bars on a terminal, log lines elsewhere."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Protocol, Self

import structlog
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from producer.metrics import ProducerMetrics

__all__ = [
    "Course",
    "Display",
    "MeteredDisplay",
    "ProgressBars",
    "ProgressLines",
    "open_display",
]

log = structlog.get_logger()

_EVERY_SECONDS: Final = 10.0


class Course:
    """One pair's progress through the time range, in this run.

    Args:
        symbol: The pair.
        end: The end of the range.
        start: Where this run begins; None if that is not known yet.
        clock: Monotonic seconds.

    Attributes:
        symbol: The pair.
        reached: The time up to which trades are in Kafka; None before the first.
        trades: How many this run has published.
        finished: Whether all trades of the range are in Kafka.
    """

    def __init__(
        self,
        symbol: str,
        end: datetime,
        start: datetime | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.symbol = symbol
        self.reached = start
        self.trades = 0
        self.finished = False
        self._end = end
        self._start = start
        self._clock = clock
        self._began = clock()

    def advance(self, trades: int, reached: datetime | None, first: datetime | None) -> None:
        """Add so many trades, from the first one's time up to the time reached."""
        self._start = self._start or first
        self.trades += trades
        self.reached = reached or self.reached

    def finish(self) -> None:
        """Note that the range is complete."""
        self.finished, self.reached = True, self._end

    @property
    def share(self) -> float:
        """How much of this run's time span is done, 0 to 1."""
        if self.finished:
            return 1.0
        if self._start is None or self.reached is None or self._start >= self._end:
            return 0.0
        return min(1.0, (self.reached - self._start) / (self._end - self._start))

    @property
    def trades_per_second(self) -> float:
        """How fast this run has been."""
        elapsed = self._clock() - self._began
        return self.trades / elapsed if elapsed > 0 else 0.0

    @property
    def left(self) -> timedelta | None:
        """How much longer it takes at this speed; None if that is not known."""
        if self.finished:
            return timedelta()
        if not self.share > 0:
            return None
        elapsed = self._clock() - self._began
        return timedelta(seconds=round(elapsed * (1 - self.share) / self.share))


class Display(Protocol):
    """Shows how far the pairs have come."""

    def show(self, course: Course) -> None:
        """Show a pair's progress, which may have changed."""


class MeteredDisplay:
    """Reports a pair's progress to the metrics, and shows it.

    Args:
        display: Shows it.
        metrics: Takes it.
    """

    def __init__(self, display: Display, metrics: ProducerMetrics) -> None:
        self._display = display
        self._metrics = metrics

    def show(self, course: Course) -> None:
        """Report and show a pair's progress, which may have changed."""
        self._metrics.backfilled(course.symbol, course.share, course.reached)
        self._display.show(course)


class ProgressBars(AbstractContextManager["ProgressBars"]):
    """A bar for each pair, on a terminal."""

    def __init__(self, console: Console) -> None:
        self._tasks: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}% {task.fields[figures]}"),
            console=console,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def show(self, course: Course) -> None:
        """Move the pair's bar."""
        if course.symbol not in self._tasks:
            self._tasks[course.symbol] = self._progress.add_task(
                course.symbol, total=1.0, figures=""
            )
        self._progress.update(
            self._tasks[course.symbol], completed=course.share, figures=_figures(course)
        )


class ProgressLines(AbstractContextManager["ProgressLines"]):
    """A log line for each pair, every ten seconds and at its end."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._logged_at: dict[str, float] = {}

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Do nothing: there is nothing to close."""

    def show(self, course: Course) -> None:
        """Log the pair's progress, if its last line is old enough."""
        now = self._clock()
        if (
            not course.finished
            and now < self._logged_at.get(course.symbol, now - 60) + _EVERY_SECONDS
        ):
            return
        self._logged_at[course.symbol] = now
        log.info(
            "backfilled" if course.finished else "backfilling",
            symbol=course.symbol,
            trades=course.trades,
            reached=course.reached.isoformat() if course.reached else None,
            trades_per_second=round(course.trades_per_second, 1),
            seconds_left=course.left.total_seconds() if course.left is not None else None,
        )


def open_display(console: Console) -> ProgressBars | ProgressLines:
    """Return bars on a terminal, log lines elsewhere."""
    return ProgressBars(console) if console.is_terminal else ProgressLines()


def _figures(course: Course) -> str:
    """`12,000 trades, at 2026-01-30 18:00:00, 950/s, 0:01:40 left`."""
    reached = f", at {course.reached:%F %T}" if course.reached else ""
    left = f", {course.left} left" if course.left else ""
    return f"{course.trades:,} trades{reached}, {course.trades_per_second:,.0f}/s{left}"
