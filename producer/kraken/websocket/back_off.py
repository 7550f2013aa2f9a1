"""How long to wait before the next try: longer each time, and never all at once."""

import random
from collections.abc import Callable

__all__ = ["BackOff"]


class BackOff:
    """A wait that doubles, jittered by a quarter either way.

    Args:
        first: Seconds of the first wait.
        most: Seconds of the longest.
        chance: Draws a number between two.
    """

    def __init__(
        self,
        first: float,
        most: float,
        chance: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._first = first
        self._most = most
        self._chance = chance
        self._next = first

    def next_wait(self) -> float:
        """Seconds to wait now."""
        seconds = min(self._next * self._chance(0.75, 1.25), self._most)
        self._next = min(self._next * 2, self._most)
        return seconds

    def reset(self) -> None:
        """The next wait is a first one again."""
        self._next = self._first
