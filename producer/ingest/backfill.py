"""Fetch a past time range of many pairs in parallel, beside live polling."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Final

from producer.ingest.backfill_progress import Course, Display
from producer.ingest.gap_filler import GapFiller
from producer.ingest.page_fetcher import PageFetcher
from producer.ingest.retry_policy import FAILURES, Failure, RetryPolicy
from producer.kafka.publisher import Publisher
from producer.model.page import TradesPage
from producer.model.page_update import PageUpdate
from producer.model.pair import Pair
from producer.model.time_range import TimeRange
from producer.model.venue import TradesSource
from runtime.shutdown import StopRequest

__all__ = ["Backfill"]

_MOST_AT_ONCE: Final = 16
_LOOKS_UP_EVERY: Final = 0.5


class Backfill:
    """One time range of a number of pairs.

    Threads of a pool fetch each pair's next page. Meanwhile the thread that calls `run` publishes
    the pages that have arrived: all of them in one transaction, and one transaction at a time. A
    pair's pages are fetched strictly in order, as each page's cursor is needed for the next call.

    Args:
        kraken: Gives the pages; called from several threads, at its own pace per pair.
        publisher: Writes them, with a backfill's cursors.
        pairs: The pairs to fetch, under the symbols to record.
        gaps: Asks for missing ids.
        span: The time range to fetch.
        retries: Decides when a pair is asked for again after a failure.
        stop: Ends it between two transactions.
        display: Shows how far each pair has come.
        clock: Monotonic seconds.
    """

    def __init__(  # noqa: PLR0913  it connects the program's parts
        self,
        kraken: TradesSource,
        publisher: Publisher,
        pairs: Sequence[Pair],
        gaps: GapFiller,
        *,
        span: TimeRange,
        retries: RetryPolicy,
        stop: StopRequest,
        display: Display,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pager = PageFetcher(kraken, publisher, span.cut)
        self._positions = publisher.positions
        self._pairs = pairs
        self._gaps = gaps
        self._span = span
        self._retries = retries
        self._stop = stop
        self._display = display
        self._clock = clock
        self._resting: set[Pair] = set()
        self._courses = {
            pair: Course(pair.symbol, span.end, span.reached(self._positions.since(pair.symbol)))
            for pair in pairs
        }

    def run(self) -> bool:
        """Fetch and publish until the range is complete; False if a stop was requested before.

        Raises:
            VenueGaveUp: Kraken failed or refused some pairs too often; the others are complete.
            ProducerError, BrokerError, VenueError: What ended it. What was published stays, and the
                next run continues from there.
        """
        waiting: dict[Future[TradesPage], Pair] = {}
        pool = ThreadPoolExecutor(min(len(self._pairs), _MOST_AT_ONCE), "backfill")
        try:
            for pair in self._pairs:
                self._go_on(pair, pool, waiting)
            while (waiting or self._resting) and not self._stop.made():
                for pair in self._rested(others_wait=not waiting):
                    self._go_on(pair, pool, waiting)
                # A bounded wait: Python handles a signal only between two waits.
                done = wait(waiting, self._look_up_in(), FIRST_COMPLETED).done
                fetched = {waiting.pop(future): future for future in done}
                for pair, more in self._take(fetched).items():
                    self._go_on(pair, pool, waiting, more=more)
                self._gaps.turn()
            if not self._stop.made():
                self._gaps.settle(self._stop.wait)
                self._retries.refuse_unfinished(self._unfinished())
            return not self._unfinished()
        finally:
            # Pages still being fetched are not needed any more: end their waits.
            self._stop.make()
            pool.shutdown(cancel_futures=True)

    def _unfinished(self) -> list[str]:
        return [course.symbol for course in self._courses.values() if not course.finished]

    def _rested(self, *, others_wait: bool) -> list[Pair]:
        """Return the pairs that may be asked for again; wait for one if no other is fetched."""
        if not self._resting:
            return []
        if others_wait and self._stop.wait(self._next_due() - self._clock()):
            return []
        now = self._clock()
        rested = [pair for pair in self._resting if self._retries.due(pair.symbol) <= now]
        self._resting.difference_update(rested)
        return rested

    def _look_up_in(self) -> float:
        if not self._resting:
            return _LOOKS_UP_EVERY
        return min(_LOOKS_UP_EVERY, max(0.0, self._next_due() - self._clock()))

    def _next_due(self) -> float:
        return min(self._retries.due(pair.symbol) for pair in self._resting)

    def _go_on(
        self,
        pair: Pair,
        pool: ThreadPoolExecutor,
        waiting: dict[Future[TradesPage], Pair],
        *,
        more: bool = True,
    ) -> None:
        """Start to fetch the pair's next page, if it has one."""
        course = self._courses[pair]
        if not more or self._span.is_done(self._positions.since(pair.symbol)):
            course.finish()
        elif not self._stop.made():
            waiting[pool.submit(self._pager.fetch, pair)] = pair
        self._display.show(course)

    def _take(self, fetched: Mapping[Pair, Future[TradesPage]]) -> dict[Pair, bool]:
        """Publish the pages that arrived; return for each pair whether its page held anything new.

        A page that held nothing new is the last: Kraken then returns the cursor of the request.
        """
        pages: dict[Pair, TradesPage] = {}
        failures: dict[Pair, Failure] = {}
        for pair, future in fetched.items():
            try:
                pages[pair] = future.result()
            except FAILURES as error:
                failures[pair] = error
        outcomes = self._pager.publish_together(pages)
        for pair, outcome in outcomes.items():
            if isinstance(outcome, FAILURES):
                failures[pair] = outcome
                continue
            self._retries.succeeded(pair.symbol)
            if outcome is not None:
                self._advance(pair, outcome)
        for pair, failure in failures.items():
            self._retries.failed(pair.symbol, failure, self._clock())
            if not self._retries.gave_up(pair.symbol):
                self._resting.add(pair)
        return {pair: one is not None for pair, one in outcomes.items() if pair not in failures}

    def _advance(self, pair: Pair, publication: PageUpdate) -> None:
        reached = self._span.reached(self._positions.since(pair.symbol))
        trades = publication.trades
        first = trades[0].executed_at if trades else reached
        self._courses[pair].advance(len(trades), reached, first)
