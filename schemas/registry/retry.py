"""Retries calls to a failing registry, with log lines that say what is asked for."""

from collections.abc import Callable
from typing import TypeVar

import stamina
import structlog
from stamina.instrumentation import RetryDetails

from schemas.errors import RegistryError

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


def log_retry(details: RetryDetails) -> None:
    """Log a retry: which call, why, and when. A hook for stamina.

    stamina's own hook logs the arguments of the call, which are Python objects. Blocks without a
    name are skipped: `ask_patiently` has logged its own.
    """
    if details.name == "<context block>":
        return
    log.warning(
        "tried_again",
        call=details.name.rpartition(".")[2].strip("_"),
        attempt=details.retry_num,
        in_seconds=round(details.wait_for, 2),
        reason=" ".join(str(details.caused_by).split()),
    )
