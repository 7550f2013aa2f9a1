"""Fetches a span of the past for many pairs side by side, beside live polling."""

from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Final

from producer.errors import KrakenStalled
from producer.gaps import Settled
from producer.kraken.errors import KrakenTransient
from producer.kraken.pairs import KrakenPair
from producer.paging import Pager
from producer.patience import Patience
from producer.progress import Course, Display
from producer.publisher import Publisher
from producer.selection import Publication
from producer.source import TradesSource
from producer.span import Span
from producer.stopping import StopRequest

__all__ = ["Backfill"]

_MOST_AT_ONCE: Final = 16
_LOOKS_UP_EVERY: Final = 0.5


class Backfill:
    """One span of a number of pairs.

    Each pair's next page is fetched in a thread while other pairs' pages are published by the
    thread that runs it, all that have come in one transaction, and one transaction at a time. A
    pair's pages follow each other strictly, as each page's cursor is asked with for the next.

    Args:
        kraken: Gives the pages; called from several threads, at its own pace per pair.
        publisher: Writes them, under a backfill's lane.
        pairs: Whose trades, under the symbols to record.
        span: From when to when.
        patience: What to do about an answer that does not come.
        stop: Ends it between two transactions.
        display: Shows how far each pair has come.
    """

    def __init__(  # noqa: PLR0913  the wiring of the program's middle
        self,
        kraken: TradesSource,
        publisher: Publisher,
        pairs: Sequence[KrakenPair],
        *,
        span: Span,
        patience: Patience,
        stop: StopRequest,
        display: Display,
    ) -> None:
        self._pager = Pager(kraken, publisher, span.cut)
        self._publisher = publisher
        self._pairs = pairs
        self._span = span
        self._patience = patience
        self._stop = stop
        self._display = display
        self._courses = {
            pair: Course(pair.symbol, span.end, span.reached(publisher.since(pair.symbol)))
            for pair in pairs
        }

    def run(self) -> bool:
        """Fetches and publishes until all is there; False if the stop was asked for before.

        Raises:
            ProducerError, KrakenError: What ended it. What was published stays, and the next
                run goes on from there.
        """
        waiting: dict[Future[Settled], KrakenPair] = {}
        pool = ThreadPoolExecutor(min(len(self._pairs), _MOST_AT_ONCE), "backfill")
        try:
            for pair in self._pairs:
                self._go_on(pair, pool, waiting, full=True)
            while waiting and not self._stop.made():
                # Not for ever: a signal is only seen between two waits.
                done = wait(waiting, _LOOKS_UP_EVERY, FIRST_COMPLETED).done
                fetched = {waiting.pop(future): future for future in done}
                for pair, full in self._take(fetched).items():
                    self._go_on(pair, pool, waiting, full=full)
            return all(course.finished for course in self._courses.values())
        finally:
            # Nobody wants the pages that are still under way: their waits are to end.
            self._stop.make()
            pool.shutdown(cancel_futures=True)

    def _go_on(
        self,
        pair: KrakenPair,
        pool: ThreadPoolExecutor,
        waiting: dict[Future[Settled], KrakenPair],
        *,
        full: bool,
    ) -> None:
        """Has the pair's next page fetched, if it has one."""
        course = self._courses[pair]
        if not full or self._span.is_done(self._publisher.since(pair.symbol)):
            course.finish()
        elif not self._stop.made():
            waiting[pool.submit(self._pager.fetch, pair)] = pair
        self._display.show(course)

    def _take(self, fetched: Mapping[KrakenPair, Future[Settled]]) -> dict[KrakenPair, bool]:
        """Publishes the pages that came; says for each pair whether there may be more of it."""
        pages: dict[KrakenPair, Settled] = {}
        failures: list[KrakenTransient | KrakenStalled] = []
        for pair, future in fetched.items():
            try:
                pages[pair] = future.result()
            except KrakenTransient as exc:
                failures.append(exc)
        for pair, outcome in self._pager.publish_together(pages).items():
            if isinstance(outcome, KrakenStalled):
                failures.append(outcome)
                continue
            self._patience.succeeded()
            if outcome is not None:
                self._advance(pair, outcome)
        for failure in failures:
            self._patience.failed(failure)
        return {pair: pair not in pages or pages[pair].page.is_full for pair in fetched}

    def _advance(self, pair: KrakenPair, publication: Publication) -> None:
        reached = self._span.reached(publication.cursor.since)
        trades = publication.trades
        first = trades[0].executed_at if trades else reached
        self._courses[pair].advance(len(trades), reached, first)
