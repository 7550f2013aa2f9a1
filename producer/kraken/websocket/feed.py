"""The live feed: as many connections as the pairs need, in their own thread."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from types import TracebackType
from typing import Final, NoReturn, Self

from producer.kraken.settings import KrakenFeedSettings
from producer.kraken.websocket.connection import Connection
from producer.kraken.websocket.requests import parts
from producer.metrics import NO_METRICS, ProducerMetrics
from producer.model.feed_events import Arrival, LiveTrades
from producer.model.pair import Pair
from runtime.clock import utc_now

__all__ = ["KrakenFeed"]

_NOT_TAKEN: Final = "they were not taken in time"


class KrakenFeed:
    """Receives trades during a `with` block; `take` returns what has arrived.

    Args:
        pairs: The pairs to subscribe to.
        settings: Limits and waits.
        now: The time for `ingested_at` of trades.
        metrics: Takes each break of a connection.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        settings: KrakenFeedSettings,
        *,
        now: Callable[[], datetime] = utc_now,
        metrics: ProducerMetrics = NO_METRICS,
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._waiting: deque[Arrival] = deque()
        self._dropped: set[Pair] = set()
        self._connections = [
            Connection(part, settings, self._put, now, metrics)
            for part in parts(pairs, settings.symbols_a_connection)
        ]
        self._now = now
        self._tasks: list[asyncio.Task[NoReturn]] = []
        self._failure: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    def take(self, most_trades: int) -> list[Arrival]:
        """Return what has arrived, in order, without waiting; stop after so many trades.

        Raises:
            VenueTerminal: The feed has ended, and connecting again would change nothing.
        """
        if self._failure is not None:
            raise self._failure
        taken: list[Arrival] = []
        trades = 0
        while self._waiting and trades < most_trades:
            arrival = self._waiting.popleft()
            taken.append(arrival)
            if isinstance(arrival, LiveTrades):
                trades += len(arrival.trades)
        return taken

    def add(self, pair: Pair) -> None:
        """Subscribe to one more pair."""
        self._loop.call_soon_threadsafe(self._add, pair)

    def remove(self, pairs: Sequence[Pair]) -> None:
        """End the subscriptions of these pairs. `add` begins one again."""
        for connection in self._connections:
            carried = [pair for pair in pairs if connection.holds(pair)]
            if carried:
                asyncio.run_coroutine_threadsafe(connection.remove(carried), self._loop)

    def renew_subscription(self, pair: Pair) -> None:
        """End the pair's subscription and subscribe again."""
        self._each_of(pair, lambda connection: connection.renew_subscription(pair))

    def renew_connection(self, pair: Pair) -> None:
        """Replace the connection that carries the pair's trades."""
        why = f"the connection is replaced, since no trade of {pair.symbol} comes over it"
        self._each_of(pair, lambda connection: connection.renew(why))

    @property
    def alive(self) -> bool:
        """Whether every connection has received a frame lately."""
        silent_since = time.monotonic() - self._settings.silence
        return all(connection.heard_at > silent_since for connection in self._connections)

    def _each_of(
        self, pair: Pair, work: Callable[[Connection], Coroutine[None, None, None]]
    ) -> None:
        for connection in self._connections:
            if connection.holds(pair):
                asyncio.run_coroutine_threadsafe(work(connection), self._loop)

    def _put(self, arrival: Arrival) -> None:
        """Keep an arrival, or drop its trades if too many wait: REST will bring them."""
        if len(self._waiting) < self._settings.most_waiting:
            self._dropped.clear()
        elif isinstance(arrival, LiveTrades):
            if arrival.pair in self._dropped:
                return
            self._dropped.add(arrival.pair)
            arrival = LiveTrades(arrival.pair, (), snapshot=False, faults=(_NOT_TAKEN,))
        self._waiting.append(arrival)

    def _run(self) -> None:
        """Run the thread."""
        try:
            self._loop.run_until_complete(self._receive())
        except BaseException as error:  # noqa: BLE001  `take` raises it
            self._failure = error

    async def _receive(self) -> None:
        """Run all connections until the stop, or until one of them fails with a VenueTerminal."""
        for place, connection in enumerate(self._connections):
            self._start(connection, after=place * self._settings.connect_interval)
        await self._stop.wait()
        ended = [task for task in self._tasks if task.done()]
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for task in ended:
            task.result()

    def _start(self, connection: Connection, after: float = 0.0) -> None:
        task = self._loop.create_task(connection.run(after))
        task.add_done_callback(lambda _: self._stop.set())
        self._tasks.append(task)

    def _add(self, pair: Pair) -> None:
        if any(connection.holds(pair) for connection in self._connections):
            return
        for connection in self._connections:
            if connection.has_room:
                connection.add(pair)
                return
        connection = Connection([pair], self._settings, self._put, self._now, self._metrics)
        self._connections.append(connection)
        self._start(connection)
