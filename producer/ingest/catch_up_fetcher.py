"""Fetch pages from REST beside the live feed, so that no other pair waits for them."""

from collections.abc import Collection
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

from producer.errors import PairParked
from producer.ingest.backlog import Backlog, CatchUpLog
from producer.ingest.catch_up_order import CatchUpOrder, Waiting
from producer.ingest.page_fetcher import PageFetcher
from producer.ingest.retry_policy import FAILURES, RetryPolicy
from producer.ingest.sequencer import TradeSequencer
from producer.kafka.publisher import Publisher
from producer.model.page import TradesPage
from producer.model.pair import Pair
from producer.model.reach import age_of_newest
from producer.model.trade import Trade
from producer.model.venue import TradesSource

__all__ = ["CatchUpFetcher"]

_MOST_AT_ONCE: Final = 4
_PRESENT: Final = 5.0
"""If a page's newest trade is at most so many seconds old, the feed brings the rest."""
_UnderWay = dict[Future[TradesPage], TradeSequencer]


class CatchUpFetcher:
    """The pages that are being fetched, at most one per pair.

    Args:
        kraken: Gives them; called from several threads, at its own pace per pair.
        publisher: Writes them, in the thread that calls `publish`.
        retries: Decides how long REST is not asked after a failure, for a pair or for all.
        pool: Runs the fetches.
        call_interval: Least seconds from one call for a pair to the next.
    """

    def __init__(
        self,
        kraken: TradesSource,
        publisher: Publisher,
        retries: RetryPolicy,
        pool: Executor | None = None,
        call_interval: float = 0.0,
    ) -> None:
        self._pager = PageFetcher(kraken, publisher)
        self._positions = publisher.positions
        self._retries = retries
        self._pool = pool or ThreadPoolExecutor(_MOST_AT_ONCE, "fill")
        self._under_way: _UnderWay = {}
        self._call_interval = call_interval
        self._order = CatchUpOrder()
        self._backlog = Backlog(publisher.positions.last_trade_id, publisher.positions.since)
        self._log = CatchUpLog(self._backlog, call_interval)
        self._waiting_since: dict[Pair, float] = {}
        self._not_before: dict[Pair, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def start_next(self, wanting: Collection[TradeSequencer], now: float) -> None:
        """Start as many fetches as may run at once, for the pairs whose turn it is.

        Pairs that wait stay in nobody's queue, so the order follows what happens meanwhile.

        Args:
            wanting: All pairs that want a page.
            now: The time.
        """
        since = self._waiting_since
        self._waiting_since = {one.pair: since.get(one.pair, now) for one in wanting}
        free = _MOST_AT_ONCE - sum(not future.done() for future in self._under_way)
        if free <= 0:
            return
        ready = [
            Waiting(one, self._waiting_since[one.pair], self._backlog.missing(one.pair.symbol))
            for one in wanting
            if self.may_ask(one.pair, now) and now >= self._not_before.get(one.pair, now)
        ]
        while ready and free > 0:
            chosen = self._order.next_of(ready)
            ready.remove(chosen)
            free -= 1
            # The call would wait for its turn in a thread that another pair could use.
            self._not_before[chosen.of.pair] = now + self._call_interval
            self.start(chosen.of, now)

    def may_ask(self, pair: Pair, now: float) -> bool:
        """Whether the retry policy allows a call for the pair now."""
        return now >= self._retries.due(pair.symbol)

    def log_progress(self, sequencers: Collection[TradeSequencer], now: float) -> None:
        """Log how long the pairs that are behind will take; parked ones are nobody's backlog."""
        behind = [one.pair for one in sequencers if one.behind]
        self._log.note([pair.symbol for pair in behind if self.may_ask(pair, now)], now)

    def start(self, sequencer: TradeSequencer, now: float) -> None:
        """Start to fetch the page after the pair's cursor, unless the retry policy forbids it."""
        if self.may_ask(sequencer.pair, now):
            sequencer.begin_filling()
            self._under_way[self._pool.submit(self._pager.fetch, sequencer.pair)] = sequencer

    def publish(self, now: float) -> dict[Pair, list[Trade]]:
        """Write the pages that have arrived since the last call, each in its own transaction.

        Returns:
            The new trades that the feed had not brought, by pair.

        Raises:
            VenueTerminal: Asking again would change nothing, for any pair.
            TerminalError, KafkaUnreachable: A page could not be written.
        """
        brought: dict[Pair, list[Trade]] = {}
        for future in [one for one in self._under_way if one.done()]:
            sequencer = self._under_way.pop(future, None)
            if sequencer is None:
                continue
            try:
                page = future.result()
                publication = self._pager.publish(sequencer.pair, page)
            except FAILURES as error:
                sequencer.end_filling(now)
                self._retries.failed(sequencer.pair.symbol, error, now)
                self._call_off(now)
                continue
            self._retries.succeeded(sequencer.pair.symbol)
            self._log.answered()
            recorded = self._positions.last_trade_id(sequencer.pair.symbol)
            more = publication is not None and age_of_newest(page) > _PRESENT
            if not more:
                self._backlog.level(sequencer.pair.symbol)
            new = publication.trades if publication is not None else ()
            undelivered = [trade for trade in new if not sequencer.holds(trade.trade_id)]
            sequencer.filled(recorded, now, full=more, undelivered=bool(undelivered))
            brought[sequencer.pair] = undelivered
        return brought

    def awaits_acceptance(self, symbol: str) -> bool:
        """Whether the pair's ids start again, and the new book has not been accepted yet.

        Until then its trades are left to REST, whose cursor stays before them.
        The feed's trades may have higher ids than the last one of the old book, and would be taken
        for its continuation.
        """
        return self._retries.awaits_acceptance(symbol)

    def park(self, error: PairParked, now: float) -> float:
        """Park a pair; return when it is asked for again."""
        self._retries.failed(error.symbol, error, now)
        return self._retries.due(error.symbol)

    def ask_soon(self, pair: Pair) -> None:
        """End the wait for a parked pair: what it waited for has happened."""
        self._retries.ask_soon(pair.symbol)

    def _call_off(self, now: float) -> None:
        """Cancel fetches that have not begun, of pairs that must now wait."""
        for future, sequencer in list(self._under_way.items()):
            if self._retries.due(sequencer.pair.symbol) > now and future.cancel():
                del self._under_way[future]
                sequencer.end_filling(now)
