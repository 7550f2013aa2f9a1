"""When REST is asked whether a pair that fell silent had a trade more."""

from typing import Final

__all__ = ["QUIET", "Silence"]

QUIET: Final = 300.0
"""Seconds without a trade, after which REST says whether there was none: a subscription may be dead
while its connection lives."""
_BEHIND_A_BURST: Final = 4.0
"""Seconds of silence behind several trades in a row, whose last one may have been left out."""
_BURST_SECONDS: Final = 2.0
_LEAST_INTERVAL: Final = 30.0
"""Seconds from one such question to the next: hundreds of pairs have a burst every few seconds."""
_BEHIND_A_MISS: Final = 10.0
"""Seconds after a page that had more than the feed. Longer than `subscription_watch` gives the feed
to bring a trade, or each would be too young to be owed."""


class Silence:
    """The silence behind a pair's live trades. Times are seconds on one clock."""

    def __init__(self) -> None:
        self._last = float("-inf")
        self._asked_at = float("-inf")

    def after(self, trades: int, now: float) -> float:
        """When to ask, should no trade follow those that have just come."""
        in_a_burst = trades > 1 or now - self._last <= _BURST_SECONDS
        self._last = now
        if not in_a_burst:
            return now + QUIET
        return max(now + _BEHIND_A_BURST, self._asked_at + _LEAST_INTERVAL)

    def asked(self, now: float) -> None:
        """REST is being asked."""
        self._asked_at = now

    def after_page(self, now: float, *, new: bool) -> float:
        """When to ask again, after a page that brought something that the feed had not, or not.

        Where the feed left something out it may leave out more.
        """
        return now + (_BEHIND_A_MISS if new else QUIET)
