"""A process that sleeps before one of its requests, for tests of those that start meanwhile."""

import threading
from collections.abc import Callable

from tests.unit.lake.store.stores import Request

__all__ = ["Frozen"]


class Frozen:
    """A process that stops before one of its requests, until it is woken."""

    def __init__(self) -> None:
        self.is_frozen, self._woken = threading.Event(), threading.Event()
        self.error: BaseException | None = None
        self._left = 0
        self._thread: threading.Thread | None = None

    def before(self, _: Request) -> None:
        """Count a request, and sleep before the one that was chosen."""
        self._left -= 1
        if self._left == -1:
            self.is_frozen.set()
            assert self._woken.wait(120)

    def start(self, work: Callable[[], object], after: int) -> None:
        """Work until so many requests are sent, or to the end."""

        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - the test looks at it
                self.error = error
            finally:
                self.is_frozen.set()

        self._left = after
        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert self.is_frozen.wait(120)

    def wake(self) -> None:
        """Go on to the end."""
        self._woken.set()
        assert self._thread is not None
        self._thread.join(120)
        assert not self._thread.is_alive()
