"""Whose turn it is among pairs that wait for a call: fair, and the largest backlog first. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from producer.model.page import PAGE_LIMIT

__all__ = ["FAIR_EVERY", "CatchUpOrder", "Waiting"]

T = TypeVar("T")

FAIR_EVERY: Final = 4
"""Every so many turns, the pair that has waited longest is next, whatever the others miss."""


@dataclass(frozen=True, slots=True)
class Waiting(Generic[T]):
    """A pair that may be asked for.

    Attributes:
        of: The pair, or what stands for it.
        since: Since when it waits.
        missing: How many trades it is expected to lack.
    """

    of: T
    since: float
    missing: float


class CatchUpOrder:
    """Decides which pair is asked for next.

    Pairs that lack whole pages come first: the busiest and most overdue, by the pages that they are
    expected to lack. The others follow in the order in which they became due. One turn in four
    goes to the pair that has waited longest, so that of n waiting pairs each gets its turn within
    4 n turns, however far the others are behind.
    """

    def __init__(self) -> None:
        self._turns = 0

    def next_of(self, waiting: Sequence[Waiting[T]]) -> Waiting[T]:
        """Return the next of the waiting pairs, of which there is at least one."""
        self._turns += 1
        if self._turns % FAIR_EVERY == 0:
            return min(waiting, key=lambda one: one.since)
        return max(waiting, key=lambda one: (one.missing // PAGE_LIMIT, -one.since, one.missing))
