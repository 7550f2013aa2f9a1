"""One question to Kraken about missing ids: page after page, until an id above them appears."""

from typing import Final

from producer.model.gaps.missing_ids import MissingIds
from producer.model.page import TradesPage
from producer.model.starting_point import EARLIEST_MOMENT, nanoseconds
from producer.model.trade_batch import TradeBatch

__all__ = ["GapQuestion"]

_SECOND: Final = 10**9
_FINEST: Final = _SECOND
"""The search for an unknown time ends at this precision, in nanoseconds."""
_MARGIN_MICROS: Final = 1_000_000
"""How far the times of trades may disagree with the order of ids; kelp#461 saw milliseconds."""


class GapQuestion:
    """A question, with what its answers have shown so far.

    If it is not known when the ids were traded, a binary search finds the time first.

    Args:
        about: The missing ids.
        seconds_back: How many seconds before them it begins.
        now: The time, nanoseconds since 1970. Its last digits make the URL of each question
            different, as an answer may come from a cache.

    Attributes:
        about: The missing ids.
        since: The cursor of the next request.
        done: Whether there is nothing more to ask.
        near: The cursor at which it began, once older ids are known to follow it.
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
        self._unsettled: list[tuple[int, int]] = []
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
        """Whether the answers hold ids on both sides of a range, so that it would be among them."""
        return (
            self.done
            and self._lowest is not None
            and self._lowest < missing.first_trade_id
            and missing.last_trade_id < self._settled
        )

    @property
    def lost(self) -> bool:
        """Whether no older id came: the question began too late."""
        return self._lowest is not None and self._lowest >= self.about.first_trade_id

    def take(self, page: TradesPage) -> None:
        """Take the answer to `since`."""
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
        self.since = self._following(page.last, trades)

    def _following(self, last: str, trades: TradeBatch) -> str:
        """Return the next page's cursor. It differs from Kraken's own, whose page may be cached.

        It lies a little before the last trade, which therefore comes again, and always after the
        cursor before. In a burst, where a page lasts for less than two seconds, the later half of
        that time comes again at most: otherwise the next page could be the same one.
        """
        end, asked = nanoseconds(last), nanoseconds(self.since)
        if end is None or asked is None or not trades:
            return last
        half = max(0, end - min(trades.executed_micros) * 1_000) // 2
        begin = end - (self._shift if self._shift <= half else half * self._shift // _SECOND)
        return last if begin <= max(asked, EARLIEST_MOMENT) else str(begin)

    def _settle(self, trades: TradeBatch, ids: list[int], *, at_end: bool) -> None:
        """Note the id up to which the answers hold all that Kraken has."""
        if at_end:
            self._settled = max(self._settled, *ids, 0)
        elif trades:
            times = trades.executed_micros
            until = max(times) - _MARGIN_MICROS
            # In a burst, a whole page may be within the margin: a later one settles its ids.
            known = [*self._unsettled, *zip(times, trades.trade_ids, strict=True)]
            self._unsettled = [one for one in known if one[0] > until]
            self._settled = max(self._settled, *(one for at, one in known if at <= until), 0)

    def _located(self, ids: list[int], last: str) -> bool:
        """Halve the time in which the ids may lie; return whether to begin at this page."""
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
            # Just before the newest older trade, so that the answer holds that trade too.
            self._search = None
            self.since = str(max(0, low - self._back))
        else:
            self._search = (low, high)
            self.since = str((low + high) // 2)
        return False
