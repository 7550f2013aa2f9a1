"""Being asked to stop, and stopping at the next good moment."""

import signal
import threading
from types import FrameType

__all__ = ["StopRequest"]


class StopRequest:
    """Whether somebody asked the producer to stop; a wait ends as soon as somebody does."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def made(self) -> bool:
        """Whether the stop has been asked for."""
        return self._asked.is_set()

    def make(self) -> None:
        """Asks for the stop."""
        self._asked.set()

    def wait(self, seconds: float) -> bool:
        """Waits that long, or less if the stop is asked for; says whether it is."""
        return self._asked.wait(max(0.0, seconds))

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
