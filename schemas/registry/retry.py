"""Retries calls to a failing registry, with log lines that say what is asked for."""

from collections.abc import Callable
from typing import TypeVar

import stamina
import structlog

from schemas.errors import RegistryError

__all__ = ["ask_patiently"]

_Answer = TypeVar("_Answer")
_WAIT_AT_MOST = 10.0
log = structlog.get_logger(__name__)


def ask_patiently(
    call: Callable[[], _Answer],
    asked: str,
    *,
    on: type[RegistryError] | tuple[type[RegistryError], ...],
    patience: float,
) -> _Answer:
    """Repeat a call until it succeeds or the patience is over.

    Args:
        call: Asks the registry.
        asked: What is asked for, for the log: `the versions of kraken.trades-value`.
        on: The errors on which to retry.
        patience: Seconds for which to retry.

    Raises:
        RegistryError: The last error, when the patience is over; any other at once.
    """
    for attempt in stamina.retry_context(
        on=on, attempts=None, timeout=patience, wait_max=_WAIT_AT_MOST
    ):
        with attempt:
            try:
                return call()
            except on as error:
                log.warning(
                    "registry_at_fault", asked_for=asked, attempt=attempt.num, reason=str(error)
                )
                raise
    raise AssertionError("stamina returns a result or raises")  # pragma: no cover
