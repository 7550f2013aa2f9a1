"""When the next call to Kraken may be made.

Kraken counts public calls by address and pair, takes one a second without complaint, and
prolongs a limit for whoever goes on calling (support article 206548367). So each pair has its
interval, and a rate limit holds back the calls for all pairs.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

from runtime.back_off import BackOff

_FIRST_SECONDS: Final = 2.0
_MOST_SECONDS: Final = 60.0


class Pacer:
    """Keeps the least interval between two calls for one pair, and the back-off of all.

    Threads may share it: of several that make the same call each has a turn of its own.

    Args:
        call_interval: Least seconds from one call for a pair to the next.
        back_off: How long a rate limit holds all calls back.
        clock: Seconds that never run backwards.
        sleep: Waits; may return early, which ends the wait, so that a stop is not held up.
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
        # Never less than the first wait: a limit is prolonged for whoever comes back too soon.
        self._back_off = back_off or BackOff(_FIRST_SECONDS, _MOST_SECONDS, spread=(1.0, 1.25))
        self._clock = clock
        self._sleep = sleep
        self._called_at: dict[str, float] = {}
        self._closed_until = float("-inf")
        self._turns = threading.Lock()

    def wait(self, call: str) -> None:
        """Return when this call may be made, and counts it as made.

        Args:
            call: What the interval holds for, such as `Trades for XBTUSDT`.
        """
        with self._turns:
            now = self._clock()
            due = max(
                self._called_at.get(call, float("-inf")) + self._call_interval, self._closed_until
            )
            # Missing ids are asked for beside the newest trades of the same pair.
            self._called_at[call] = max(now, due)
        if due > now:
            self._sleep(due - now)

    def rate_limited(self, *, asked_wait: float = 0.0) -> float:
        """Hold all calls back, longer each time in a row.

        Args:
            asked_wait: Seconds that Kraken itself asked for; kept to up to the longest wait.

        Returns:
            For how many seconds.
        """
        seconds = self._back_off.next_wait(at_least=asked_wait)
        self._closed_until = self._clock() + seconds
        return seconds

    def succeeded(self) -> None:
        """End the row of rate limits: the next one starts small again."""
        self._back_off.reset()
