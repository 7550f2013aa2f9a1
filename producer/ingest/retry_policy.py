"""When to ask Kraken for a pair's next page after a failure, when to park it, when to give up."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import structlog

from producer.errors import PairParked, VenueGaveUp, VenueStalled
from producer.ingest.parking import Parking, parked_by
from producer.model.venue_errors import AccessDenied, PairRefused, VenueTransient
from runtime.back_off import BackOff
from runtime.shutdown import StopRequest

__all__ = ["FAILURES", "Failure", "RetryPolicy"]

log = structlog.get_logger()

Failure = VenueTransient | VenueStalled | PairRefused | PairParked
FAILURES: Final = (VenueTransient, VenueStalled, PairRefused, PairParked)
"""Errors that concern one pair's work; the other pairs go on."""

_FIRST_SECONDS: Final = 0.5
_MOST_SECONDS: Final = 60.0
_DENIED_FIRST: Final = 30.0
_DENIED_MOST: Final = 15 * 60.0
_PARKED_FIRST: Final = 5.0
_PARKED_MOST: Final = 60 * 60.0
_PARKED_AFTER: Final = 8
"""A pair is parked after so many failures in a row, about a minute and a half."""
_PAIRS_IN_A_ROW: Final = 3
"""If so many pairs fail with no answer between them, all pairs are affected."""
_PARKED_TRIES: Final = 3
"""How often a run that is meant to end asks for a parked pair."""


def _short_waits() -> BackOff:
    return BackOff(_FIRST_SECONDS, _MOST_SECONDS, spread=(0.75, 1.0))


@dataclass(slots=True)
class _Row:
    """The failures of one pair since its last answer."""

    back_off: BackOff = field(default_factory=_short_waits)
    failures: int = 0
    parked_tries: int = 0
    until: float = float("-inf")
    last: Failure | None = None


class RetryPolicy:
    """Decides when each pair may be asked for; waits grow with consecutive failures.

    A failure that concerns our address delays all pairs, by up to a minute; a firewall that blocks
    the address, by up to a quarter of an hour. Any other failure delays its own pair alone, by up
    to a minute. A pair that Kraken refuses, or that keeps failing, is parked and asked for up to
    an hour later. Times are seconds on the caller's clock.

    Args:
        most_failures: A run that is meant to end gives up after so many in a row; None: never.
        parking: Keeps the parked pairs.
    """

    def __init__(self, most_failures: int | None = None, parking: Parking | None = None) -> None:
        self._most_failures = most_failures
        self._parking = parking or Parking()
        self._rows: dict[str, _Row] = {}
        self._failing: set[str] = set()
        self._address = _Row()
        self._denied = BackOff(_DENIED_FIRST, _DENIED_MOST)

    def due(self, symbol: str) -> float:
        """Return the time before which the pair must not be asked for."""
        row = self._rows.get(symbol)
        return self._address.until if row is None else max(self._address.until, row.until)

    def failed(self, symbol: str, error: Failure, now: float) -> None:
        """Count and log a failure.

        Raises:
            VenueGaveUp: All pairs are affected, and it was the last failure that this run allows.
        """
        if isinstance(error, PairRefused):
            error = parked_by(symbol, error)
        if isinstance(error, PairParked):
            self._park(error, now)
        elif isinstance(error, VenueTransient) and self._is_about_all(symbol, error):
            # A call that had begun when the address was refused is part of the same failure.
            if now >= self._address.until:
                self._address.until = now + self._wait_of_all(error)
        else:
            self._hold_back(symbol, error, now)

    def awaits_acceptance(self, symbol: str) -> bool:
        """Whether the pair is parked because its ids start again."""
        return self._parking.awaits_acceptance(symbol)

    def succeeded(self, symbol: str) -> None:
        """Note that the pair was answered and the answer processed."""
        self._rows.pop(symbol, None)
        self._parking.resume(symbol)
        self._failing.clear()
        if self._address.failures:
            self._address = _Row(until=self._address.until)
            self._denied.reset()

    def ask_soon(self, symbol: str) -> None:
        """End the wait for one pair: what it waited for has happened."""
        if (row := self._rows.get(symbol)) is not None:
            row.until = float("-inf")

    def wait_out(self, error: VenueTransient, stop: StopRequest) -> None:
        """Wait after a failed call that concerned no pair.

        Raises:
            VenueGaveUp: It was the last failure that this run allows.
        """
        stop.wait(self._wait_of_all(error))

    def gave_up(self, symbol: str) -> bool:
        """Whether a run that is meant to end has stopped asking for the pair."""
        row = self._rows.get(symbol)
        if self._most_failures is None or row is None:
            return False
        return row.failures >= self._most_failures or row.parked_tries >= _PARKED_TRIES

    def refuse_unfinished(self, symbols: Iterable[str]) -> None:
        """End a run that could not finish these pairs.

        Raises:
            VenueGaveUp: There are such pairs; the message says what happened to each.
        """
        failed = [
            f"{symbol} ({row.failures or row.parked_tries} times in a row, last with: {row.last})"
            for symbol in symbols
            if (row := self._rows.get(symbol)) is not None
        ]
        if failed:
            raise VenueGaveUp(
                f"Kraken failed for {'; '.join(failed)}; what it gave before is in Kafka, the next "
                "run continues from there, and every other pair is finished"
            )

    def _is_about_all(self, symbol: str, error: VenueTransient) -> bool:
        self._failing.add(symbol)
        return error.about_address or len(self._failing) >= _PAIRS_IN_A_ROW

    def _wait_of_all(self, error: VenueTransient) -> float:
        row = self._address
        row.failures += 1
        if row.failures == self._most_failures:
            raise VenueGaveUp(
                f"Kraken failed {row.failures} times in a row, last with: {error}; what it "
                "gave before is in Kafka, and the next run continues from there"
            ) from error
        denied = isinstance(error, AccessDenied)
        seconds = (self._denied if denied else row.back_off).next_wait()
        level = log.error if denied else log.warning
        level(
            "venue_denies_access" if denied else "venue_failed",
            error=str(error),
            in_a_row=row.failures,
            retry_in=round(seconds, 1),
        )
        return seconds

    def _hold_back(self, symbol: str, error: VenueTransient | VenueStalled, now: float) -> None:
        row = self._rows.setdefault(symbol, _Row())
        row.failures += 1
        if row.failures >= _PARKED_AFTER and self._most_failures is None:
            reason = f"it failed at least {_PARKED_AFTER} times in a row, last with: {error}"
            advice = "see status.kraken.com; the producer keeps asking for it"
            self._park(PairParked(symbol, reason, advice), now, first=_MOST_SECONDS)
            return
        seconds = row.back_off.next_wait()
        row.last, row.until = error, now + seconds
        log.warning(
            "venue_failed",
            symbol=symbol,
            error=str(error),
            in_a_row=row.failures,
            retry_in=round(seconds, 1),
        )

    def _park(self, error: PairParked, now: float, first: float = _PARKED_FIRST) -> None:
        row = self._rows.setdefault(error.symbol, _Row())
        if not row.parked_tries:
            row.back_off = BackOff(first, _PARKED_MOST)
        row.parked_tries += 1
        seconds = row.back_off.next_wait()
        row.last, row.until = error, now + seconds
        self._parking.park(error, seconds)
