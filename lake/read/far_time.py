"""Times that Python's datetime cannot hold: before year 1, or after 9999."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["FarTime", "moment"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CYCLE_YEARS: Final = 400
_CYCLE_MICROS: Final = 146_097 * 86_400 * 1_000_000
"""The calendar repeats itself after so many years, which are so many microseconds."""


@dataclass(frozen=True, order=True)
class FarTime:
    """A moment of any year, as a sender of records may claim it.

    Attributes:
        micros: microseconds since 1970, UTC.
    """

    micros: int

    @property
    def year(self) -> int:
        """As ISO 8601 counts: the year before 1 is 0."""
        return self._near.year + self.micros // _CYCLE_MICROS * _CYCLE_YEARS

    def isoformat(self, sep: str = "T") -> str:
        """`+58052-01-30T18:00:00+00:00`: ISO 8601 with its sign for years out of the common."""
        return f"{self:%Y}{self._near.isoformat(sep)[4:]}"

    def __str__(self) -> str:
        return self.isoformat(sep=" ")

    def __format__(self, spec: str) -> str:
        return f"{self._near:{spec.replace('%Y', f'{self.year:+05d}')}}" if spec else str(self)

    @property
    def _near(self) -> datetime:
        """The same moment of the calendar, in the years that datetime knows."""
        return _EPOCH + timedelta(microseconds=self.micros % _CYCLE_MICROS)


def moment(micros: int | None) -> datetime | FarTime | None:
    """A time in microseconds since 1970, UTC; a datetime wherever that can be, None for none."""
    if micros is None:
        return None
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return FarTime(micros)
