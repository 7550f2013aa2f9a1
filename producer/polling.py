"""The loop: asks Kraken for each pair's next page when it is due, and has it published."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from producer.errors import KrakenStalled
from producer.kraken.errors import KrakenTransient
from producer.kraken.pairs import KrakenPair
from producer.paging import Pager
from producer.patience import Patience
from producer.publisher import Publisher
from producer.source import TradesSource
from producer.stopping import StopRequest

__all__ = ["Pace", "Poller"]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds from one call for a pair to its next.

    Attributes:
        behind: After a full page, behind which more trades wait.
        level: After any other.
    """

    behind: float
    level: float


@dataclass(slots=True)
class Feed:
    """One pair, and when it is asked for next."""

    pair: KrakenPair
    due: float
    caught_up: bool = False


class Poller:
    """Polls a number of pairs, one call at a time.

    Args:
        kraken: Gives the pages.
        publisher: Writes them.
        pairs: What to poll, under the symbols to record.
        pace: How often.
        patience: What to do about an answer that does not come.
        stop: Ends the loop between two transactions.
        beat: Told of each answer that was dealt with.
        clock: Seconds that never run backwards.
    """

    def __init__(  # noqa: PLR0913  the wiring of the program's middle
        self,
        kraken: TradesSource,
        publisher: Publisher,
        pairs: Sequence[KrakenPair],
        *,
        pace: Pace,
        patience: Patience,
        stop: StopRequest,
        beat: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pager = Pager(kraken, publisher)
        self._feeds = [Feed(pair, due=clock()) for pair in pairs]
        self._pace = pace
        self._patience = patience
        self._stop = stop
        self._beat = beat
        self._clock = clock

    def run(self) -> None:
        """Polls until the stop is asked for."""
        while not self._stop.made():
            self._poll(self._next(self._feeds))

    def catch_up(self) -> None:
        """Polls each pair until Kraken has no more for it, or the stop is asked for."""
        while not self._stop.made() and (behind := [f for f in self._feeds if not f.caught_up]):
            self._poll(self._next(behind))

    def _next(self, feeds: Sequence[Feed]) -> Feed:
        return min(feeds, key=lambda feed: feed.due)

    def _poll(self, feed: Feed) -> None:
        """Waits until the pair is due, asks once and publishes what comes."""
        if self._stop.wait(feed.due - self._clock()):
            return
        asked_at = self._clock()
        try:
            settled = self._pager.fetch(feed.pair)
            self._pager.publish(feed.pair, settled)
        except (KrakenTransient, KrakenStalled) as exc:
            self._patience.failed(exc)
            # Now, but behind the pairs that have become due meanwhile.
            feed.due = self._clock()
            return
        self._patience.succeeded()
        self._beat()
        full = settled.page.is_full
        feed.caught_up = not full
        feed.due = asked_at + (self._pace.behind if full else self._pace.level)
