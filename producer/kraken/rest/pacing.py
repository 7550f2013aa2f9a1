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
        with self._turns:
            now = self._clock()
            due = max(
                self._called_at.get(call, float("-inf")) + self._call_interval, self._closed_until
            )
            # Another thread may ask for missing ids of the same pair: the next turn is after ours.
            self._called_at[call] = max(now, due)
        if due > now:
            self._sleep(due - now)

    def rate_limited(self, *, asked_wait: float = 0.0) -> float:
        """Delay all calls, longer each time in a row.

        Args:
            asked_wait: Seconds that Kraken itself asked for; at most the longest wait is kept.

        Returns:
            The seconds of the delay.
        """
        seconds = self._back_off.next_wait(at_least=asked_wait)
        self._closed_until = self._clock() + seconds
        return seconds

    def succeeded(self) -> None:
        """Reset the back-off: the next rate limit starts with the first wait again."""
        self._back_off.reset()
