"""Exponential back-off with jitter: how long to wait before the next attempt."""

import random
from collections.abc import Callable

__all__ = ["BackOff"]


class BackOff:
    """Waiting times that double, with jitter.

    Args:
        first: Seconds of the first wait.
        most: Seconds of the longest wait.
        spread: The least and the greatest factor that a wait is multiplied by.
        chance: Draws a random number between two.

    Attributes:
        most: Seconds of the longest wait.
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
        self.most = most
        self._spread = spread
        self._chance = chance
        self._next = first

    def next_wait(self, at_least: float = 0.0) -> float:
        """Return the seconds to wait now, and double the next wait.

        Args:
            at_least: Seconds that the other side asks for; honoured up to the longest wait.
        """
        seconds = min(max(self._next * self._chance(*self._spread), at_least), self.most)
        self._next = min(self._next * 2, self.most)
        return seconds

    def reset(self) -> None:
        """Start again with the first wait."""
        self._next = self._first
