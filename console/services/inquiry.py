"""A question to a service: asked in the background, only while somebody looks, never waited for."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

from lake.errors import LakeError
from runtime.clock import utc_now
from runtime.errors import BrokerError
from schemas.errors import SchemasError

__all__ = ["Answer", "Inquiry"]

T = TypeVar("T")
_PATIENCE: Final = 2.0


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What a service answered last.

    Attributes:
        value: the last answer; None if there never was one.
        at: when that was, UTC.
        fault: why the newest question got no answer; empty if it got one.
        pending: whether the first answer is still awaited.
    """

    value: T | None = None
    at: datetime | None = None
    fault: str = ""
    pending: bool = False


class Inquiry(Generic[T]):
    """Asks when `answer` is called and the last answer is old.

    Args:
        ask: asks the service; it ends by itself, since its client has a time-out.
        every: seconds after which an answer is old.
    """

    def __init__(self, ask: Callable[[], T], every: float) -> None:
        self._ask, self._every = ask, every
        self._lock = threading.Lock()
        self._answer: Answer[T] = Answer(pending=True)
        self._asked_at = -every
        self._running: threading.Thread | None = None

    def answer(self, patience: float = _PATIENCE) -> Answer[T]:
        """Return the last answer; if there is none yet, wait for it up to `patience` seconds."""
        with self._lock:
            running = self._running
            if running is None and time.monotonic() - self._asked_at >= self._every:
                running = self._running = threading.Thread(target=self._run, daemon=True)
                running.start()
        if running is not None and self._answer.pending:
            running.join(patience)
        return self._answer

    def renewed(self, patience: float) -> Answer[T]:
        """Ask again, however new the last answer is, and wait up to `patience` seconds."""
        with self._lock:
            self._asked_at = -self._every
        self.answer(patience=0)
        if (running := self._running) is not None:
            running.join(patience)
        return self._answer

    def _run(self) -> None:
        try:
            self._answer = Answer(self._ask(), utc_now())
        except (BrokerError, SchemasError, LakeError, OSError, ValueError) as error:
            self._answer = Answer(self._answer.value, self._answer.at, fault=str(error))
        finally:
            with self._lock:
                self._asked_at = time.monotonic()
                self._running = None
