"""A display in memory."""

from dataclasses import dataclass, field

from producer.ingest.backfill_progress import Course


@dataclass
class Shown:
    """A display that remembers."""

    finished: set[str] = field(default_factory=set)
    trades: dict[str, int] = field(default_factory=dict)

    def show(self, course: Course) -> None:
        """Remember the pair."""
        self.trades[course.symbol] = course.trades
        if course.finished:
            self.finished.add(course.symbol)
