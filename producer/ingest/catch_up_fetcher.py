"""Pages from REST, fetched beside the live feed so that no other pair waits for them."""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

from producer.errors import PairParked
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
"""A page whose newest trade is so many seconds old leaves the rest to the feed."""
_UnderWay = dict[Future[TradesPage], TradeSequencer]


class CatchUpFetcher:
    """The pages that are under way, one a pair at most.

    Args:
        kraken: Gives them; called from several threads, at its own pace per pair.
        publisher: Writes them, in the thread that calls `publish`.
        retries: Says how long REST is left alone after a failure, for a pair or for all.
        pool: Where the fetching is done.
    """

    def __init__(
        self,
        kraken: TradesSource,
        publisher: Publisher,
        retries: RetryPolicy,
        pool: Executor | None = None,
    ) -> None:
        self._pager = PageFetcher(kraken, publisher)
        self._publisher = publisher
        self._retries = retries
        self._pool = pool or ThreadPoolExecutor(_MOST_AT_ONCE, "fill")
        self._under_way: _UnderWay = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def start(self, line: TradeSequencer, now: float) -> None:
        """Has the page after the pair's cursor fetched, unless it is being left alone."""
        if now >= self._retries.due(line.pair.symbol):
            line.begin_filling()
            self._under_way[self._pool.submit(self._pager.fetch, line.pair)] = line

    def publish(self, now: float) -> dict[Pair, list[Trade]]:
        """Writes the pages that have come since the last time, each in its own transaction.

        Returns:
            What was new in them and had not been brought by the feed, by pair.

        Raises:
            VenueTerminal: Asking again would change nothing, for any pair.
            TerminalError: A page could not be written.
        """
        brought: dict[Pair, list[Trade]] = {}
        for future in [one for one in self._under_way if one.done()]:
            line = self._under_way.pop(future, None)
            if line is None:
                continue
            try:
                page = future.result()
                publication = self._pager.publish(line.pair, page)
            except FAILURES as exc:
                line.end_filling(now)
                self._retries.failed(line.pair.symbol, exc, now)
                self._call_off(now)
                continue
            self._retries.succeeded(line.pair.symbol)
            recorded = self._publisher.last_trade_id(line.pair.symbol)
            more = publication is not None and age_of_newest(page) > _PRESENT
            new = publication.trades if publication is not None else ()
            undelivered = [trade for trade in new if not line.holds(trade.trade_id)]
            line.filled(recorded, now, full=more, undelivered=bool(undelivered))
            brought[line.pair] = undelivered
        return brought

    def awaits_acceptance(self, symbol: str) -> bool:
        """Whether the pair's ids begin anew: REST's cursor holds its trades until it is accepted.

        What the feed brings may have higher ids than the old book ended with, and would be
        taken for its continuation.
        """
        return self._retries.awaits_acceptance(symbol)

    def park(self, error: PairParked, now: float) -> float:
        """A pair cannot go on for now; returns when it is asked for again."""
        self._retries.failed(error.symbol, error, now)
        return self._retries.due(error.symbol)

    def _call_off(self, now: float) -> None:
        """Takes back what has not begun for pairs that are left alone by now."""
        for future, line in list(self._under_way.items()):
            if self._retries.due(line.pair.symbol) > now and future.cancel():
                del self._under_way[future]
                line.end_filling(now)
