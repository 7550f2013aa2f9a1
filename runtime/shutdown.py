"""Stop on request, between two pieces of work."""

import signal
from queue import Empty, SimpleQueue
from types import FrameType

__all__ = ["StopRequest"]


class StopRequest:
    """Whether a program has been asked to stop. A stop request ends its waits."""

    def __init__(self) -> None:
        self._asked = False
        # Not an Event: `set` in a signal handler deadlocks if the interrupted thread holds the
        # Event's lock in `wait`. Putting into this queue is safe there.
        self._wakes: SimpleQueue[None] = SimpleQueue()

    def made(self) -> bool:
        """Whether a stop has been requested."""
        return self._asked

    def make(self) -> None:
        """Request the stop."""
        self._asked = True
        self._wakes.put(None)

    def wait(self, seconds: float) -> bool:
        """Wait that long, or until a stop is requested; return whether one is."""
        try:
            self._wakes.get(timeout=max(0.0, seconds))
        except Empty:
            return self._asked
        # Other threads may be waiting too.
        self._wakes.put(None)
        return True

    def on_signals(self) -> None:
        """Make SIGTERM and SIGINT request the stop.

        Only the first signal does: a second one ends the process at once, as by default. That is
        safe: Kafka aborts an open transaction, and the lake finishes a commit at the next start.
        And it helps when Kafka or the storage hangs.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        self.make()
