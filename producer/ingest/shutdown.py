"""Being asked to stop, and stopping at the next good moment."""

import signal
from queue import Empty, SimpleQueue
from types import FrameType

__all__ = ["StopRequest"]


class StopRequest:
    """Whether somebody asked the producer to stop; a wait ends as soon as somebody does."""

    def __init__(self) -> None:
        self._asked = False
        # Not an Event: `set` in a signal handler waits for ever for a lock that the thread it
        # interrupted may hold in `wait`. Putting into this queue is safe there.
        self._wakes: SimpleQueue[None] = SimpleQueue()

    def made(self) -> bool:
        """Whether the stop has been asked for."""
        return self._asked

    def make(self) -> None:
        """Asks for the stop."""
        self._asked = True
        self._wakes.put(None)

    def wait(self, seconds: float) -> bool:
        """Waits that long, or less if the stop is asked for; says whether it is."""
        try:
            self._wakes.get(timeout=max(0.0, seconds))
        except Empty:
            return self._asked
        # For whoever else is waiting.
        self._wakes.put(None)
        return True

    def on_signals(self) -> None:
        """Makes SIGTERM and SIGINT ask for the stop.

        Only the first one: a second one ends the process at once, as it would by default. That
        is safe as well, for Kafka undoes the open transaction, and helps when Kafka hangs.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        self.make()
