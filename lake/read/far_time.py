"""Times that Python's datetime cannot hold: before year 1, or after 9999."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["FarTime", "moment"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CYCLE_YEARS: Final = 400
_CYCLE_MICROS: Final = 146_097 * 86_400 * 1_000_000
"""The calendar repeats after this many years, which are this many microseconds."""


@dataclass(frozen=True, order=True)
class FarTime:
    """A time in any year, as the sender of a record may set it.

    Attributes:
        micros: microseconds since 1970, UTC.
    """

    micros: int

    @property
    def year(self) -> int:
        """The year as ISO 8601 counts: the year before 1 is 0."""
        return self._near.year + self.micros // _CYCLE_MICROS * _CYCLE_YEARS

    def isoformat(self, sep: str = "T") -> str:
        """Format as `+58052-01-30T18:00:00+00:00`: ISO 8601 puts a sign before unusual years."""
        return f"{self:%Y}{self._near.isoformat(sep)[4:]}"

    def __str__(self) -> str:
        return self.isoformat(sep=" ")

    def __format__(self, spec: str) -> str:
        return f"{self._near:{spec.replace('%Y', f'{self.year:+05d}')}}" if spec else str(self)

    @property
    def _near(self) -> datetime:
        """The same point of the calendar, in a year that datetime supports."""
        return _EPOCH + timedelta(microseconds=self.micros % _CYCLE_MICROS)


def moment(micros: int | None) -> datetime | FarTime | None:
    """Convert microseconds since 1970, UTC, to a datetime, or a `FarTime` where it must be."""
    if micros is None:
        return None
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return FarTime(micros)
