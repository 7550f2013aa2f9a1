"""One question to Kraken about missing ids: page after page, until their far neighbour shows."""

from typing import Final

from producer.model.missing_ids import MissingIds
from producer.model.page import TradesPage
from producer.model.starting_point import EARLIEST_MOMENT, nanoseconds
from producer.model.trade_batch import TradeBatch

__all__ = ["GapQuestion"]

_SECOND: Final = 10**9
_FINEST: Final = _SECOND
"""Where the search for an unknown moment ends."""
_MARGIN_MICROS: Final = 1_000_000
"""How far trades may be stamped out of the order of their ids; kelp#461 saw milliseconds."""


class GapQuestion:
    """A question, with what its answers have told so far.

    Where nobody knows when the ids were traded, the place is searched for by halving first.

    Args:
        about: The missing ids.
        seconds_back: How long before them it begins.
        now: The time, nanoseconds since 1970. Its last digits make each question another URL, as
            an answer may come from a cache.

    Attributes:
        about: The missing ids.
        since: The cursor to ask with next.
        done: Whether there is nothing more to ask.
        near: The cursor at which it began, once it is known that older ids come there.
    """

    def __init__(self, about: MissingIds, seconds_back: float, now: int) -> None:
        self.about = about
        self.done = False
        self.near = ""
        self._shift = now // 1_000 % _SECOND
        self._back = round(seconds_back * _SECOND) + self._shift
        self._search: tuple[int, int] | None = None
        self._lowest: int | None = None
        self._settled = 0
        self._before: set[int] = set()
        near = nanoseconds(about.near)
        if near is None:
            self._search = (0, now)
            self.since = str(now // 2)
        elif near < EARLIEST_MOMENT:
            self.since = "0"
        else:
            self.since = str(max(0, near - self._back))

    def covers(self, missing: MissingIds) -> bool:
        """Whether the answers hold ids on both sides of a range, so that it would have shown."""
        return (
            self.done
            and self._lowest is not None
            and self._lowest < missing.first_trade_id
            and missing.last_trade_id < self._settled
        )

    @property
    def lost(self) -> bool:
        """Whether no older id came, so that it began too late."""
        return self._lowest is not None and self._lowest >= self.about.first_trade_id

    def take(self, page: TradesPage) -> None:
        """Learns from the answer to `since`."""
        trades = TradeBatch.of(page.trades)
        ids = [*trades.trade_ids, *(row.trade_id for row in page.rejected if row.trade_id)]
        if self._search is not None and not self._located(ids, page.last):
            return
        if ids:
            self._lowest = min(ids) if self._lowest is None else min(self._lowest, *ids)
        at_end = page.last == self.since or set(ids) <= self._before
        self._before = set(ids)
        self._settle(trades, ids, at_end=at_end)
        self.done = at_end or self.lost or self._settled > self.about.last_trade_id
        self.near = self.near or self.since
        self.since = self._following(page.last)

    def _following(self, last: str) -> str:
        """The cursor of the next page: another than whoever pages here has, as that may be cached.

        It lies a little before the last trade, which comes again, and always behind the one before.
        """
        end, asked = nanoseconds(last), nanoseconds(self.since)
        if end is None or asked is None or end - self._shift <= max(asked, EARLIEST_MOMENT):
            return last
        return str(end - self._shift)

    def _settle(self, trades: TradeBatch, ids: list[int], *, at_end: bool) -> None:
        """Up to which id everything has come that the answers would have held."""
        if at_end:
            self._settled = max(self._settled, *ids, 0)
        elif trades:
            times = trades.executed_micros
            until = max(times) - _MARGIN_MICROS
            for trade_id, micros in zip(trades.trade_ids, times, strict=True):
                if micros <= until and trade_id > self._settled:
                    self._settled = trade_id

    def _located(self, ids: list[int], last: str) -> bool:
        """Halves the time in which the ids may lie; whether a page is a place to begin at."""
        low, high = self._search or (0, 0)
        middle = int(self.since)
        if not ids or min(ids) >= self.about.first_trade_id:
            high = middle
        elif max(ids) < self.about.first_trade_id:
            low = max(middle, nanoseconds(last) or 0)
        else:
            self._search = None
            return True
        if high - low < _FINEST:
            # Just before the newest trade that is older, which is to come with the others.
            self._search = None
            self.since = str(max(0, low - self._back))
        else:
            self._search = (low, high)
            self.since = str((low + high) // 2)
        return False
