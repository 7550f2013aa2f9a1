"""How long Kraken is left alone after a question about missing ids that it did not answer."""

from datetime import datetime, timedelta
from typing import Final

from producer.model.pair import Pair
from producer.model.venue_errors import AccessDenied, VenueError, VenueTransient
from runtime.back_off import BackOff

__all__ = ["GapRetryPolicy"]

_PASSING: Final = 4
_LASTING: Final = 60
"""The longest wait after a failure that passes within a minute, and after one that does not: a
shield that turns the address away does so for longer if it is asked on. In first waits."""


class GapRetryPolicy:
    """Waits that grow with the failures in a row: of one pair, and of all where it is about all.

    Missing ids can wait; a question too many keeps the trades of every pair from coming.

    Args:
        first: Seconds of the first wait.
    """

    def __init__(self, first: float) -> None:
        self._first = first
        self._back_offs: dict[Pair | type[VenueError], BackOff] = {}
        self._of_pair: dict[Pair, datetime] = {}
        self._of_all: datetime | None = None

    def allows(self, pair: Pair, now: datetime) -> bool:
        """Whether the pair may be asked for."""
        return all(
            until is None or now >= until for until in (self._of_all, self._of_pair.get(pair))
        )

    def failed(self, pair: Pair, error: VenueError, now: datetime) -> float:
        """Counts a failure; seconds until the pair may be asked for again."""
        if not (isinstance(error, VenueTransient) and error.about_address):
            until = self._of_pair[pair] = now + self._wait(pair, error)
        elif self._of_all is None or now >= self._of_all:
            until = self._of_all = now + self._wait(type(error), error)
        else:
            # What was under way already when the address was refused is the same failure.
            until = self._of_all
        return (until - now).total_seconds()

    def succeeded(self, pair: Pair) -> None:
        """The pair was answered, so the address may call."""
        self._of_pair.pop(pair, None)
        self._back_offs.pop(pair, None)
        for kind in [one for one in self._back_offs if isinstance(one, type)]:
            del self._back_offs[kind]

    def _wait(self, of: Pair | type[VenueError], error: VenueError) -> timedelta:
        passes = isinstance(error, VenueTransient) and not isinstance(error, AccessDenied)
        most = self._first * (_PASSING if passes else _LASTING)
        back_off = self._back_offs.setdefault(of, BackOff(self._first, most))
        return timedelta(seconds=back_off.next_wait())
