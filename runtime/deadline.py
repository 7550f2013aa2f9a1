"""A deadline on the monotonic clock."""

import time
from collections.abc import Callable
from typing import Final

__all__ = ["Deadline"]

_SLICE_SECONDS: Final = 1.0


class Deadline:
    """Counts down from a number of seconds, on a clock that never jumps.

    Attributes:
        seconds: The seconds that it counts down from.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._end - self._clock())

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.seconds - self.remaining

    @property
    def slice(self) -> float:
        """Seconds to wait at a time: short, so that a wait notices signals and can log problems."""
        return min(_SLICE_SECONDS, self.remaining)

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.remaining == 0.0
