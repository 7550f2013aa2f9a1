"""The live loop: trades from the feed to Kafka in short transactions, with REST for what lacks."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from producer.errors import PairParked
from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.gap_filler import GapFiller
from producer.ingest.late_pairs import LatePairs
from producer.ingest.sequencer import TradeSequencer, live_page
from producer.ingest.shutdown import StopRequest
from producer.ingest.subscription_watch import SubscriptionWatch
from producer.kafka.publisher import Publisher
from producer.model.feed_events import Arrival, Broken, LiveTrades
from producer.model.pair import Pair
from producer.model.venue import LiveSource

__all__ = ["Batch", "LiveRecorder"]

_BEAT_EVERY: Final = 1.0
_Parked = dict[str, PairParked]


@dataclass(frozen=True, slots=True)
class Batch:
    """What bounds a transaction of live trades.

    Attributes:
        seconds: How long trades are gathered for it.
        trades: Most trades in it, give or take those of one message.
    """

    seconds: float
    trades: int


class LiveRecorder:
    """Records a number of pairs as the feed brings them.

    All that is done with Kafka happens in the thread that runs it, one transaction at a time.

    Args:
        feed: Brings trades.
        fills: Brings the pages that the feed does not.
        publisher: Writes the feed's trades, and knows how far each pair has come.
        pairs: What to record, under their symbols.
        gaps: Asks for ids that are missing.
        batch: What one transaction holds.
        stop: Ends the loop between two transactions.
        late: Brings pairs that Kraken did not list at the start.
        beat: Told about once a second while the feed lives and Kafka takes what comes.
        clock: Seconds that never run backwards.
        now: Unix seconds.
    """

    def __init__(  # noqa: PLR0913  the wiring of the program's middle
        self,
        feed: LiveSource,
        fills: CatchUpFetcher,
        publisher: Publisher,
        pairs: Sequence[Pair],
        gaps: GapFiller,
        *,
        batch: Batch,
        stop: StopRequest,
        late: LatePairs | None = None,
        beat: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._feed = feed
        self._watch = SubscriptionWatch(feed)
        self._fills = fills
        self._gaps = gaps
        self._publisher = publisher
        self._lines = {pair: TradeSequencer(pair, self._recorded(pair), clock()) for pair in pairs}
        self._batch = batch
        self._stop = stop
        self._late = late
        self._beat = beat
        self._clock = clock
        self._now = now
        self._beaten_at = float("-inf")
        self._parked_until: dict[str, float] = {}

    def run(self) -> None:
        """Records until the stop is asked for.

        Raises:
            ProducerError, VenueError: What ended it instead. What was published stays.
        """
        try:
            behind = False
            while not self._stop.wait(0.0 if behind else self._batch.seconds):
                behind = self.turn()
        finally:
            # Nobody wants the pages that are still under way: their waits are to end.
            self._stop.make()

    def turn(self) -> bool:
        """Writes what has come in since the last turn; says whether more is waiting."""
        arrivals = self._feed.take(self._batch.trades)
        now = self._clock()
        for pair in self._late.take(now) if self._late else ():
            self._lines[pair] = TradeSequencer(pair, self._recorded(pair), now)
            self._feed.add(pair)
            self._gaps.add(pair)
        for arrival in arrivals:
            self._note(arrival, now)
        for pair, undelivered in self._fills.publish(now).items():
            if self._watch.brought_by_rest(pair, undelivered):
                self._lines[pair].doubt()
        self._publish_live(now)
        self._gaps.turn()
        for line in self._lines.values():
            if line.wants_rest(now):
                self._fills.start(line, now)
        if self._feed.alive and now >= self._beaten_at + _BEAT_EVERY:
            self._beaten_at = now
            self._beat()
        trades = sum(len(one.trades) for one in arrivals if isinstance(one, LiveTrades))
        return trades >= self._batch.trades

    def _note(self, arrival: Arrival, now: float) -> None:
        self._watch.note(arrival, self._now())
        pairs = arrival.pairs if isinstance(arrival, Broken) else (arrival.pair,)
        for pair in pairs:
            self._lines[pair].note(arrival, self._recorded(pair), now)

    def _publish_live(self, now: float) -> None:
        """All pairs' trades that may be written, in one transaction."""
        pages = {}
        for line in self._lines.values():
            trades = line.take(self._recorded(line.pair), now)
            symbol = line.pair.symbol
            if not trades or self._fills.awaits_acceptance(symbol):
                continue
            if now >= self._parked_until.get(symbol, now):
                pages[symbol] = live_page(trades)
        if pages:
            parked: _Parked = {}
            self._publisher.publish_together(pages, parked)
            for symbol, error in parked.items():
                # REST's cursor holds what the socket brings until then.
                self._parked_until[symbol] = self._fills.park(error, now)

    def _recorded(self, pair: Pair) -> int:
        return self._publisher.last_trade_id(pair.symbol)
