"""A recording whose trades appear one after another, as they did at Kraken, at a given rate."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from infra.fake_kraken.market.tape import Tape, TapePair

__all__ = ["PacedTape"]

_SECOND: Final = 10**9


@dataclass(frozen=True, slots=True)
class PacedTape:
    """The trades of another tape, `rate` of them a second from `start` on. A `Tape`.

    Attributes:
        tape: The trades.
        rate: Trades a second.
        start: When the first ones appear, unix nanoseconds.
    """

    tape: Tape
    rate: float
    start: int

    @property
    def pair(self) -> TapePair:
        """The other tape's pair."""
        return self.tape.pair

    @property
    def synthetic(self) -> bool:
        """Whether the other tape is synthetic."""
        return self.tape.synthetic

    def visible(self, now: int) -> int:
        """Return how many have appeared by `now`."""
        appeared = int((now - self.start) * self.rate / _SECOND)
        return min(max(appeared, 0), self.tape.visible(now))

    def cursor(self, index: int) -> int:
        """Return the other tape's cursor: a trade keeps its time."""
        return self.tape.cursor(index)

    def first_after(self, cursor: int) -> int:
        """Pass the call on to the other tape."""
        return self.tape.first_after(cursor)

    def rows(self, indexes: Iterable[int]) -> list[str]:
        """Pass the call on to the other tape."""
        return self.tape.rows(indexes)
