"""Waiting out a Kraken that does not answer: one back-off for all pairs, ended by a stop."""

import random
from typing import Final

import structlog

from producer.errors import KrakenGaveUp, KrakenStalled
from producer.kraken.errors import KrakenTransient
from producer.stopping import StopRequest

__all__ = ["Patience"]

log = structlog.get_logger()

_FIRST_SECONDS: Final = 0.5
_MOST_SECONDS: Final = 60.0


class Patience:
    """Counts failures in a row, and waits longer after each.

    Args:
        stop: Ends a wait.
        most_failures: After so many in a row there is no more waiting; None waits for ever.
    """

    def __init__(self, stop: StopRequest, most_failures: int | None = None) -> None:
        self._stop = stop
        self._most_failures = most_failures
        self._failures = 0

    def failed(self, error: KrakenTransient | KrakenStalled) -> None:
        """Tells of the failure and waits, 0.5 s at first, doubled each time up to a minute.

        Raises:
            KrakenGaveUp: It was the last failure that is put up with.
        """
        self._stop.wait(self.counted(error))

    def counted(self, error: KrakenTransient | KrakenStalled) -> float:
        """Tells of the failure; the seconds to wait, for whoever has other things to do meanwhile.

        Raises:
            KrakenGaveUp: It was the last failure that is put up with.
        """
        self._failures += 1
        if self._failures == self._most_failures:
            raise KrakenGaveUp(
                f"Kraken failed {self._failures} times in a row, at last with: {error}; what it "
                "gave before is in Kafka, the next run goes on from there"
            ) from error
        longest = min(_FIRST_SECONDS * 2 ** (self._failures - 1), _MOST_SECONDS)
        seconds: float = longest * random.uniform(0.75, 1.0)  # noqa: S311  no secret in a waiting time
        log.warning(
            "kraken_failed", error=str(error), in_a_row=self._failures, retry_in=round(seconds, 1)
        )
        return seconds

    def succeeded(self) -> None:
        """Ends the row of failures."""
        self._failures = 0
