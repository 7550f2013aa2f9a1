"""The live loop: write the feed's trades to Kafka in short transactions; REST brings the rest."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from producer.errors import PairParked
from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.gap_filler import GapFiller
from producer.ingest.late_pairs import LatePairs
from producer.ingest.listing_watch import ListingChange, ListingWatch, delisted
from producer.ingest.sequencer import TradeSequencer, live_page
from producer.ingest.subscription_watch import SubscriptionWatch
from producer.kafka.publisher import Publisher
from producer.model.feed_events import Arrival, Broken, LiveTrades, Subscribed
from producer.model.pair import Pair
from producer.model.venue import LiveSource
from runtime.shutdown import StopRequest

__all__ = ["Batch", "LiveRecorder"]

_BEAT_EVERY: Final = 1.0
_LOOK_EVERY: Final = 1.0
_Parked = dict[str, PairParked]


@dataclass(frozen=True, slots=True)
class Batch:
    """The bounds of a transaction of live trades.

    Attributes:
        seconds: How long trades are gathered for it.
        trades: The most trades in it; the last message may exceed that.
    """

    seconds: float
    trades: int


class LiveRecorder:
    """Records a number of pairs as the feed brings them.

    Only the thread that calls `run` uses Kafka, one transaction at a time.

    Args:
        feed: Brings trades.
        catch_up: Brings the pages that the feed does not.
        publisher: Writes the feed's trades, and knows how far each pair has come.
        pairs: What to record, under their symbols.
        gaps: Asks for missing ids.
        batch: What one transaction holds.
        stop: Ends the loop between two transactions.
        late: Brings pairs that Kraken did not list at the start.
        listing: Says what Kraken has listed and delisted since; None: nobody asks.
        beat: Called about once a second while the feed lives and Kafka takes what comes.
        clock: Monotonic seconds.
        now: Unix seconds.
    """

    def __init__(  # noqa: PLR0913  it connects the program's parts
        self,
        feed: LiveSource,
        catch_up: CatchUpFetcher,
        publisher: Publisher,
        pairs: Sequence[Pair],
        gaps: GapFiller,
        *,
        batch: Batch,
        stop: StopRequest,
        late: LatePairs | None = None,
        listing: ListingWatch | None = None,
        beat: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._feed = feed
        self._watch = SubscriptionWatch(feed)
        self._catch_up = catch_up
        self._gaps = gaps
        self._publisher = publisher
        self._positions = publisher.positions
        self._sequencers = {
            pair: TradeSequencer(pair, self._recorded(pair), clock()) for pair in pairs
        }
        self._batch = batch
        self._stop = stop
        self._late = late
        self._listing = listing
        self._beat = beat
        self._clock = clock
        self._now = now
        self._beaten_at = self._looked_at = float("-inf")
        self._parked_until: dict[str, float] = {}

    def run(self) -> None:
        """Record until a stop is requested.

        Raises:
            ProducerError, BrokerError, VenueError: What ended it instead. What was published stays.
        """
        try:
            behind = False
            while not self._stop.wait(0.0 if behind else self._batch.seconds):
                behind = self.turn()
        finally:
            # Pages still being fetched are not needed any more: end their waits.
            self._stop.make()

    def held(self) -> dict[str, int]:
        """Return how many trades of each pair wait for earlier ones."""
        return {one.pair.symbol: one.held for one in self._sequencers.values()}

    def turn(self) -> bool:
        """Write what has arrived since the last turn; return whether more is waiting."""
        arrivals = self._feed.take(self._batch.trades)
        now = self._clock()
        self._follow_listing(now)
        for arrival in arrivals:
            self._note(arrival, now)
        for pair, undelivered in self._catch_up.publish(now).items():
            if self._watch.brought_by_rest(pair, undelivered):
                self._sequencers[pair].doubt()
        self._publish_live(now)
        self._gaps.turn()
        wanting = [one for one in self._sequencers.values() if one.wants_rest(now)]
        self._catch_up.start_next(wanting, now)
        if now >= self._looked_at + _LOOK_EVERY:
            self._looked_at = now
            self._catch_up.log_progress(self._sequencers.values(), now)
        if self._feed.alive and now >= self._beaten_at + _BEAT_EVERY:
            self._beaten_at = now
            self._beat()
        trades = sum(len(one.trades) for one in arrivals if isinstance(one, LiveTrades))
        return trades >= self._batch.trades

    def _follow_listing(self, now: float) -> None:
        """Record what Kraken lists by now; park what it lists no longer."""
        late = self._late.take(now) if self._late else ()
        change = self._listing.take(now) if self._listing else ListingChange()
        for pair in (*late, *change.added):
            self._sequencers[pair] = TradeSequencer(pair, self._recorded(pair), now)
            self._feed.add(pair)
            self._gaps.add(pair)
        for pair in change.gone:
            self._parked_until[pair.symbol] = self._catch_up.park(delisted(pair), now)
        if change.gone:
            self._feed.remove(change.gone)
        for pair in change.returned:
            self._catch_up.ask_soon(pair)
            self._parked_until.pop(pair.symbol, None)
            self._feed.add(pair)

    def _note(self, arrival: Arrival, now: float) -> None:
        self._watch.note(arrival, self._now())
        if isinstance(arrival, Subscribed):
            # Kraken knows the pair: if it is parked, REST may answer again.
            self._catch_up.ask_soon(arrival.pair)
        pairs = arrival.pairs if isinstance(arrival, Broken) else (arrival.pair,)
        for pair in pairs:
            self._sequencers[pair].note(arrival, self._recorded(pair), now)

    def _publish_live(self, now: float) -> None:
        """Write, in one transaction, all pairs' trades that may be written."""
        pages = {}
        for sequencer in self._sequencers.values():
            trades = sequencer.take(self._recorded(sequencer.pair), now)
            symbol = sequencer.pair.symbol
            if not trades or self._catch_up.awaits_acceptance(symbol):
                continue
            if now >= self._parked_until.get(symbol, now):
                pages[symbol] = live_page(trades)
        if pages:
            parked: _Parked = {}
            self._publisher.publish_together(pages, parked)
            for symbol, error in parked.items():
                # REST's cursor stays before these trades, so REST brings them again then.
                self._parked_until[symbol] = self._catch_up.park(error, now)

    def _recorded(self, pair: Pair) -> int:
        return self._positions.last_trade_id(pair.symbol)
