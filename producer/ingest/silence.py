"""When to ask REST whether a pair that fell silent has further trades."""

from typing import Final

__all__ = ["QUIET", "Silence"]

QUIET: Final = 300.0
"""Seconds without a trade after which REST is asked whether there was none: a subscription may be
dead while its connection lives."""
_BEHIND_A_BURST: Final = 4.0
"""Seconds of silence after several trades in a row; the feed may have left out the last one."""
_BURST_SECONDS: Final = 2.0
_LEAST_INTERVAL: Final = 30.0
"""Seconds from one such question to the next: hundreds of pairs have a burst every few seconds."""
_BEHIND_A_MISS: Final = 10.0
"""Seconds after a page that had more than the feed. Longer than the time that `subscription_watch`
allows the feed to bring a trade: otherwise every trade would be too young to count as missed."""


class Silence:
    """The silence after a pair's live trades. Times are seconds on one clock."""

    def __init__(self) -> None:
        self._last = float("-inf")
        self._asked_at = float("-inf")

    def after(self, trades: int, now: float) -> float:
        """Return when to ask if no trade follows those that have just arrived."""
        in_a_burst = trades > 1 or now - self._last <= _BURST_SECONDS
        self._last = now
        if not in_a_burst:
            return now + QUIET
        return max(now + _BEHIND_A_BURST, self._asked_at + _LEAST_INTERVAL)

    def asked(self, now: float) -> None:
        """Note that REST is being asked."""
        self._asked_at = now

    def after_page(self, now: float, *, new: bool) -> float:
        """Return when to ask again; `new`: the page held a trade that the feed had not brought.

        A feed that left one trade out may leave out more.
        """
        return now + (_BEHIND_A_MISS if new else QUIET)
