"""A clock that only waits move."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from runtime.shutdown import StopRequest


@dataclass
class FakeTime(StopRequest):
    """A stop request whose waits pass at once, on a clock of their own."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def utc(self) -> datetime:
        """The time of day on it: the start of the tests' pages, and what has passed since."""
        return datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC) + timedelta(seconds=self.now)

    def wait(self, seconds: float) -> bool:
        """Move the clock."""
        self.waits.append(round(max(0.0, seconds), 3))
        self.now += max(0.0, seconds)
        return self.made()
