"""How long to wait before the next try: longer each time, and never all at once."""

import random
from collections.abc import Callable

__all__ = ["BackOff"]


class BackOff:
    """A wait that doubles, jittered.

    Args:
        first: Seconds of the first wait.
        most: Seconds of the longest.
        spread: What a wait is multiplied with at least and at most.
        chance: Draws a number between two.
    """

    def __init__(
        self,
        first: float,
        most: float,
        *,
        spread: tuple[float, float] = (0.75, 1.25),
        chance: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._first = first
        self._most = most
        self._spread = spread
        self._chance = chance
        self._next = first

    def next_wait(self, at_least: float = 0.0) -> float:
        """Seconds to wait now.

        Args:
            at_least: Seconds asked for by the other side; kept to up to the longest wait.
        """
        seconds = min(max(self._next * self._chance(*self._spread), at_least), self._most)
        self._next = min(self._next * 2, self._most)
        return seconds

    def reset(self) -> None:
        """The next wait is a first one again."""
        self._next = self._first
