"""Pages from REST, fetched beside the live feed so that no other pair waits for them."""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

from producer.errors import KrakenStalled
from producer.gaps import Settled
from producer.kraken.errors import KrakenTransient
from producer.line import Line
from producer.paging import Pager
from producer.patience import Patience
from producer.publisher import Publisher
from producer.source import TradesSource

__all__ = ["Fills"]

_MOST_AT_ONCE: Final = 4
_UnderWay = dict[Future[Settled], Line]


class Fills:
    """The pages that are under way, one a pair at most.

    Args:
        kraken: Gives them; called from several threads, at its own pace per pair.
        publisher: Writes them, in the thread that calls `publish`.
        patience: Says how long REST is left alone after a failure.
        pool: Where the fetching is done.
    """

    def __init__(
        self,
        kraken: TradesSource,
        publisher: Publisher,
        patience: Patience,
        pool: Executor | None = None,
    ) -> None:
        self._pager = Pager(kraken, publisher)
        self._publisher = publisher
        self._patience = patience
        self._pool = pool or ThreadPoolExecutor(_MOST_AT_ONCE, "fill")
        self._under_way: _UnderWay = {}
        self._closed_until = float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def start(self, line: Line, now: float) -> None:
        """Has the page after the pair's cursor fetched, unless REST is being left alone."""
        if now >= self._closed_until:
            line.begin_filling()
            self._under_way[self._pool.submit(self._pager.fetch, line.pair)] = line

    def publish(self, now: float) -> None:
        """Writes the pages that have come since the last time, each in its own transaction.

        Raises:
            KrakenTerminal: Asking again would change nothing.
            TerminalError: A page could not be written.
        """
        for future in [one for one in self._under_way if one.done()]:
            line = self._under_way.pop(future, None)
            if line is None:
                continue
            try:
                settled = future.result()
                self._pager.publish(line.pair, settled)
            except (KrakenTransient, KrakenStalled) as exc:
                line.end_filling(now)
                self._leave_alone(exc, now)
                continue
            self._patience.succeeded()
            recorded = self._publisher.last_trade_id(line.pair.symbol)
            line.filled(recorded, now, full=settled.page.is_full)

    def _leave_alone(self, error: KrakenTransient | KrakenStalled, now: float) -> None:
        """Asks nothing for a while; what is under way already counts as the same failure."""
        if now >= self._closed_until:
            self._closed_until = now + self._patience.counted(error)
        for future in [one for one in self._under_way if one.cancel()]:
            self._under_way.pop(future).end_filling(now)
