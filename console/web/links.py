"""Where the names on a page lead to: to other pages, or to other parts of the same file."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from urllib.parse import quote, urlencode

__all__ = ["FileLinks", "Links", "PageLinks"]


class Links(Protocol):
    """Addresses of what the templates name; None for what cannot be reached."""

    def pair(self, folder: str) -> str | None:
        """Return where a pair's chart is."""

    def month(self, folder: str, day: date | datetime | None = None) -> str | None:
        """Return where a pair's month is: the one of a day, or its newest."""

    def hour(self, folder: str, hour: datetime) -> str | None:
        """Return where an hour of a pair is."""

    def day(self, day: date) -> str | None:
        """Return where the hours of all pairs on one day are."""

    def sorted_by(self, key: str, descending: bool) -> str | None:  # noqa: FBT001 - of templates
        """Return where the pairs are in another order."""

    def pipeline(self) -> str | None:
        """Return where the pipeline is."""

    def quarantine(self) -> str | None:
        """Return where the quarantine is."""

    def reason(self, reason: str) -> str | None:
        """Return where the records of one reason are."""


class PageLinks:
    """Links from one page of the console to another."""

    def pair(self, folder: str) -> str:
        """Return `/pair/BTC_USD`."""
        return f"/pair/{quote(folder, safe='')}"

    def month(self, folder: str, day: date | datetime | None = None) -> str:
        """Return `/completeness/BTC_USD?month=2026-01`."""
        query = f"?month={day:%Y-%m}" if day else ""
        return f"/completeness/{quote(folder, safe='')}{query}"

    def hour(self, folder: str, hour: datetime) -> str:
        """Return `/completeness/BTC_USD/2026-01-30T18`."""
        return f"/completeness/{quote(folder, safe='')}/{hour:%Y-%m-%dT%H}"

    def day(self, day: date) -> str:
        """Return `/completeness?day=2026-01-30`."""
        return f"/completeness?day={day}"

    def sorted_by(self, key: str, descending: bool) -> str:  # noqa: FBT001 - of templates
        """Return `/?sort=price&order=desc`."""
        return f"/?sort={key}&order={'desc' if descending else 'asc'}"

    def pipeline(self) -> str:
        """Return `/pipeline`."""
        return "/pipeline"

    def quarantine(self) -> str:
        """Return `/quarantine`."""
        return "/quarantine"

    def reason(self, reason: str) -> str:
        """Return `/quarantine?reason=undecodable`."""
        return f"/quarantine?{urlencode({'reason': reason})}"


@dataclass(frozen=True)
class FileLinks:
    """Links within one file that has a part for each page.

    Attributes:
        pairs: the folders of the pairs that have a part of their own.
        days: the days whose hours are shown.
    """

    pairs: frozenset[str]
    days: frozenset[date]

    def pair(self, folder: str) -> str | None:
        """Return `#pair-BTC_USD`, if the pair has a part."""
        return f"#pair-{quote(folder, safe='')}" if folder in self.pairs else None

    def month(self, folder: str, day: date | datetime | None = None) -> str | None:  # noqa: ARG002
        """Return the pair's part, which has its newest month."""
        return self.pair(folder)

    def hour(self, folder: str, hour: datetime) -> None:
        """Return None: a cell's title says all."""

    def day(self, day: date) -> str | None:
        """Return `#day-2026-01-30`, if the day is shown."""
        return f"#day-{day}" if day in self.days else None

    def sorted_by(self, key: str, descending: bool) -> None:  # noqa: FBT001 - of templates
        """Return None: there is one order."""

    def pipeline(self) -> str:
        """Return `#pipeline`."""
        return "#pipeline"

    def quarantine(self) -> str:
        """Return `#quarantine`."""
        return "#quarantine"

    def reason(self, reason: str) -> None:
        """Return None: samples of all reasons are shown together."""
