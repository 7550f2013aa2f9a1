"""How long to wait after a question about missing ids that Kraken did not answer."""

from datetime import datetime, timedelta
from typing import Final

from producer.model.pair import Pair
from producer.model.venue_errors import AccessDenied, VenueError, VenueTransient
from runtime.back_off import BackOff

__all__ = ["GapBackOff"]

_PASSING: Final = 4
_LASTING: Final = 60
"""The longest waits, in multiples of the first: after a failure that passes within a minute, and
after one that does not. A firewall that blocks the address does so for longer if it is asked again.
"""


class GapBackOff:
    """Waits that grow with consecutive failures: of one pair, or of all if all are affected.

    It only spaces the questions out. `RetryPolicy`, which decides about a pair's own pages, also
    parks pairs and gives up; an unanswered question about missing ids must do neither. Missing ids
    can wait, and one question too many can keep the trades of every pair from coming.

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
        """Count a failure; return the seconds until the pair may be asked for again."""
        if not (isinstance(error, VenueTransient) and error.about_address):
            until = self._of_pair[pair] = now + self._wait(pair, error)
        elif self._of_all is None or now >= self._of_all:
            until = self._of_all = now + self._wait(type(error), error)
        else:
            # A call that had begun when the address was refused is part of the same failure.
            until = self._of_all
        return (until - now).total_seconds()

    def succeeded(self, pair: Pair) -> None:
        """Note an answer for the pair, which also shows that the address is not blocked."""
        self._of_pair.pop(pair, None)
        self._back_offs.pop(pair, None)
        for kind in [one for one in self._back_offs if isinstance(one, type)]:
            del self._back_offs[kind]

    def _wait(self, of: Pair | type[VenueError], error: VenueError) -> timedelta:
        passes = isinstance(error, VenueTransient) and not isinstance(error, AccessDenied)
        most = self._first * (_PASSING if passes else _LASTING)
        back_off = self._back_offs.setdefault(of, BackOff(self._first, most))
        return timedelta(seconds=back_off.next_wait())
