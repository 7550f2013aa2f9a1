"""When the next call to Kraken may be made.

Kraken counts public calls by address and pair, accepts one a second, and prolongs a limit for
callers that do not pause (support article 206548367). So each pair has its interval, and a rate
limit delays the calls for all pairs.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

from runtime.back_off import BackOff

__all__ = ["Pacer"]

_FIRST_SECONDS: Final = 2.0
_MOST_SECONDS: Final = 60.0


class Pacer:
    """Keeps the least interval between two calls for one pair, and the back-off of all calls.

    Threads may share it: if several make the same call, each gets its own turn.

    Args:
        call_interval: Least seconds from one call for a pair to the next.
        back_off: How long a rate limit delays all calls.
        clock: Monotonic seconds.
        sleep: Waits. It may return early, which ends the wait, so that a stop is not delayed.
    """

    def __init__(
        self,
        call_interval: float,
        *,
        back_off: BackOff | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._call_interval = call_interval
        # Never less than the first wait: Kraken prolongs a limit if a call comes too soon.
        self._back_off = back_off or BackOff(_FIRST_SECONDS, _MOST_SECONDS, spread=(1.0, 1.25))
        self._clock = clock
        self._sleep = sleep
        self._called_at: dict[str, float] = {}
        self._closed_until = float("-inf")
        self._turns = threading.Lock()

    def wait(self, call: str) -> None:
        """Wait until this call may be made, and count it as made.

        Args:
            call: What the interval applies to, such as `Trades for XBTUSDT`.
        """
        due = self._wait_for_turn(call)
        while due < self._closed_until:
            # A rate limit came while this call waited: Kraken prolongs it if a call comes too soon.
            due = self._wait_for_turn(call)

    def rate_limited(self, *, asked_wait: float = 0.0) -> float:
        """Delay all calls, longer each time in a row.

        While calls are held back, none is made. So a limit that arrives then answers a call that
        was under way before, and counts as the same limit. It may only prolong the delay.

        Args:
            asked_wait: Seconds that Kraken itself asked for; at most the longest wait is kept.

        Returns:
            The seconds that it adds to the delay; 0 if the calls were held back as long already.
        """
        with self._turns:
            now = self._clock()
            held_until = max(now, self._closed_until)
            if held_until > now:
                until = max(held_until, now + min(asked_wait, self._back_off.most))
            else:
                until = now + self._back_off.next_wait(at_least=asked_wait)
            self._closed_until = until
            return until - held_until

    def succeeded(self) -> None:
        """Reset the back-off: the next rate limit starts with the first wait again.

        While calls are held back, it answers a call from before the limit, and changes nothing.
        """
        with self._turns:
            if self._clock() >= self._closed_until:
                self._back_off.reset()

    def _wait_for_turn(self, call: str) -> float:
        """Take the next turn, wait for it, and return when it was due."""
        with self._turns:
            now = self._clock()
            due = max(
                self._called_at.get(call, float("-inf")) + self._call_interval, self._closed_until
            )
            # Another thread may ask for missing ids of the same pair: the next turn is after ours.
            self._called_at[call] = max(now, due)
        if due > now:
            self._sleep(due - now)
        return due
