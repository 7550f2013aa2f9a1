"""The time range of a backfill."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Self

from producer.errors import SettingsUnusable
from producer.model.cursor_scope import CursorScope
from producer.model.page import TradesPage
from producer.model.starting_point import BEGINNING, first_since, just_before, read_moment
from producer.model.trade_batch import TradeBatch
from producer.model.units import micros_of

__all__ = ["TimeRange"]

_NOW: Final = "now"
_NANOSECONDS: Final = 10**9


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A time range with its start and without its end.

    Attributes:
        name: Its part of the cursor's key: the same for the same range, however it was written.
            An open end is `now`, so that the same command, run later, continues from where it
            was the last time.
        since: Kraken's cursor to begin with.
        start: Where it begins; None for a pair's very first trade.
        end: Where it ends.
    """

    name: str
    since: str
    start: datetime | None
    end: datetime

    @classmethod
    def read(cls, start: str, end: str | None, now: datetime) -> Self:
        """Read the time range of a command line.

        Args:
            start: `beginning`, or a time in ISO 8601 with its zone.
            end: Such a time; None for now.
            now: The time now.

        Raises:
            SettingsUnusable: One of them is no time, or the start is not before the end.
        """
        first = None if start == BEGINNING else _moment("--from", start, f"{BEGINNING} or a time")
        last = now if end is None else _moment("--to", end, "a time")
        if first is not None and first >= last:
            raise SettingsUnusable(f"--from {first:%FT%TZ} is not before --to {last:%FT%TZ}")
        names = (
            BEGINNING if first is None else _named(first),
            _NOW if end is None else _named(last),
        )
        since = first_since(BEGINNING) if first is None else just_before(first)
        return cls("/".join(names), since or "0", first, last)

    @property
    def scope(self) -> CursorScope:
        """The cursor scope of a backfill of this range."""
        return CursorScope(self.since, self.name)

    def cut(self, page: TradesPage) -> TradesPage:
        """Return the page without what is after the end. A page that was cut is the last one."""
        end, trades = micros_of(self.end), TradeBatch.of(page.trades)
        times, ids = trades.executed_micros, trades.trade_ids
        if not trades or max(times) < end:
            return page
        first_beyond = min(one for one, time in zip(ids, times, strict=True) if time >= end)
        trades = trades.at(place for place, time in enumerate(times) if time < end)
        rejected = tuple(
            row for row in page.rejected if row.trade_id is None or row.trade_id < first_beyond
        )
        return replace(
            page,
            trades=trades,
            rejected=rejected,
            last=just_before(self.end),
            rows=len(trades) + len(rejected),
        )

    def is_done(self, since: str | None) -> bool:
        """Whether nothing of the range is left after this cursor."""
        return _number(since) >= int(just_before(self.end))

    def reached(self, since: str | None) -> datetime | None:
        """Return a cursor's time, at most the end; None at a pair's beginning."""
        seconds = _number(since) // _NANOSECONDS
        if seconds == 0:
            return self.start
        return min(self.end, datetime.fromtimestamp(seconds, UTC))


def _number(since: str | None) -> int:
    return int(since) if since is not None and since.isdecimal() else 0


def _moment(option: str, text: str, wanted: str) -> datetime:
    moment = read_moment(text)
    if moment is None:
        raise SettingsUnusable(
            f"{option} {text!r} is not {wanted} with its zone, such as 2026-01-30T18:00:00Z"
        )
    return moment.astimezone(UTC)


def _named(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
