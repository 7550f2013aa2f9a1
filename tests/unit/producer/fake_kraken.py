"""A Kraken in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field

from producer.kraken.pairs import KrakenPair
from producer.model.page import PAGE_LIMIT, RejectedRow, TradesPage
from producer.model.starting_point import just_before
from producer.model.trade import Trade

_LARGEST_ID = 10**12


@dataclass
class FakeKraken:
    """Kraken with a number of trades per pair; its cursor is the last trade_id as text.

    It takes the nanosecond before a trade for a cursor too, as those who ask again do.
    """

    trades_of: dict[str, list[Trade]]
    page_size: int = 3
    inclusive: bool = False
    from_start: bool = False
    """Whether a call without `since` begins with the first trades, not with the newest."""
    failures: list[Exception] = field(default_factory=list)
    rejected: dict[str, list[RejectedRow]] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    by_time: bool = False
    """Whether its cursors are nanoseconds, as the real one's."""
    short: bool = False
    """Whether each page has fewer rows than were asked for, whatever waits behind it."""
    refused: dict[str, Exception] = field(default_factory=dict)
    """What a pair is answered with each time, by symbol."""
    on_call: Callable[[], None] = lambda: None

    def trades(self, pair: KrakenPair, since: str | None) -> TradesPage:
        """A page as Kraken cuts them; a page that is not the last one counts as full."""
        self.on_call()
        self.asked.append((pair.symbol, since))
        if self.failures:
            raise self.failures.pop(0)
        if pair.symbol in self.refused:
            raise self.refused[pair.symbol]
        every = self.trades_of[pair.symbol]
        if since is None and self.from_start:
            since = "0"
        if since is None:
            page = every[-self.page_size :]
            behind = False
        else:
            start = int(since) - (1 if self.inclusive else 0)
            rest = [trade for trade in every if self._place(trade, since) > start]
            page, behind = rest[: self.page_size], len(rest) > self.page_size
        rejected = self.rejected.pop(pair.symbol, [])
        last = str(self._cursor(page[-1])) if page else since or "0"
        rows = PAGE_LIMIT if behind and not self.short else min(len(page), PAGE_LIMIT - 1)
        return TradesPage(tuple(page), tuple(rejected), last, rows)

    def _cursor(self, trade: Trade) -> int:
        return int(just_before(trade.executed_at)) + 1 if self.by_time else trade.trade_id

    def _place(self, trade: Trade, since: str) -> int:
        """What to compare with the cursor, whose size shows what it counts."""
        if int(since) > _LARGEST_ID or self.by_time:
            return int(just_before(trade.executed_at)) + 1
        return trade.trade_id
