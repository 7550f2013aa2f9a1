"""A live feed in memory."""

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

from producer.ingest.live import LiveRecorder
from producer.kraken.pairs import KrakenPair
from producer.model.feed_events import Arrival, LiveTrades
from producer.model.trade import Trade

BTC = KrakenPair("XXBTZUSD", "XBT/USD", "XBTUSD", "BTC/USD")
ETH = KrakenPair("XETHZUSD", "ETH/USD", "ETHUSD", "ETH/USD")


def live(trades: Sequence[Trade], pair: KrakenPair = BTC, *, snapshot: bool = False) -> Arrival:
    """A message of live trades."""
    return LiveTrades(pair, trades, snapshot)


def turns(recorder: LiveRecorder, number: int) -> None:
    """So many turns of the loop."""
    for _ in range(number):
        recorder.turn()


@dataclass
class FakeFeed:
    """Returns what a test has put in, one batch at a time."""

    batches: list[Sequence[Arrival]] = field(default_factory=list)
    failure: Exception | None = None
    alive: bool = True
    added: list[KrakenPair] = field(default_factory=list)

    removed: list[KrakenPair] = field(default_factory=list)
    renewed: list[tuple[str, str]] = field(default_factory=list)

    def renew_subscription(self, pair: KrakenPair) -> None:
        """Remember it."""
        self.renewed.append(("subscription", pair.symbol))

    def renew_connection(self, pair: KrakenPair) -> None:
        """Remember it."""
        self.renewed.append(("connection", pair.symbol))

    def add(self, pair: KrakenPair) -> None:
        """Remember the pair."""
        self.added.append(pair)

    def remove(self, pairs: Sequence[KrakenPair]) -> None:
        """Remember the pairs."""
        self.removed += pairs

    def take(self, most_trades: int) -> Sequence[Arrival]:  # noqa: ARG002  batches are cut already
        """The next batch; none if there is no more."""
        if self.batches:
            return self.batches.pop(0)
        if self.failure is not None:
            raise self.failure
        return []


class AtOnce(Executor):
    """A pool that runs each task when it is submitted."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Done when it returns."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  the future's result raises it
            future.set_exception(error)
        return future


class Later(AtOnce):
    """A pool that works on demand."""

    def __init__(self) -> None:
        self._work: list[tuple[Future[Any], Any, Any]] = []

    def submit(self, fn: Any, /, *args: Any, **_: Any) -> Future[Any]:
        """Not done yet."""
        future: Future[Any] = Future()
        self._work.append((future, fn, args))
        return future

    def work(self) -> None:
        """Run all submitted tasks."""
        for future, fn, args in self._work:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*args))
                except Exception as error:  # noqa: BLE001  the future's result raises it
                    future.set_exception(error)
        self._work.clear()
