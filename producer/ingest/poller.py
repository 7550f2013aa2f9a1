"""The poll loop: ask Kraken for each pair's next page when it is due, and publish it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from producer.ingest.backlog import Backlog, CatchUpLog
from producer.ingest.catch_up_order import CatchUpOrder, Waiting
from producer.ingest.gap_filler import GapFiller
from producer.ingest.late_pairs import LatePairs
from producer.ingest.listing_watch import ListingChange, ListingWatch, delisted
from producer.ingest.page_fetcher import PageFetcher
from producer.ingest.retry_policy import FAILURES, RetryPolicy
from producer.kafka.publisher import Publisher
from producer.model.pair import Pair, PairChoice
from producer.model.reach import age_of_newest, reaches
from producer.model.units import micros_of
from producer.model.venue import TradesSource
from runtime.clock import utc_now
from runtime.shutdown import StopRequest

__all__ = ["Pace", "Poller"]

_SLICE_SECONDS: Final = 1.0
"""How long an answer about missing ids may wait while no pair is due."""


_PRESENT: Final = 1.0
"""A page whose newest trade is so many seconds old reaches the present."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds from one call for a pair to its next.

    Attributes:
        behind: After a page that brought something, but did not reach the present.
        level: After any other.
    """

    behind: float
    level: float


@dataclass(slots=True)
class Feed:
    """One pair, and when to ask for it next.

    Attributes:
        pair: The pair.
        due: When it is due.
        caught_up: Whether it has reached the time at which `catch_up` began.
        behind: Whether it has not reached the present yet.
    """

    pair: Pair
    due: float
    caught_up: bool = False
    behind: bool = True


class Poller:
    """Polls a number of pairs, one call at a time.

    Args:
        kraken: Gives the pages.
        publisher: Writes them.
        pairs: What to poll, under the symbols to record.
        gaps: Asks for missing ids.
        pace: How often to poll.
        retries: Decides when a pair is asked for again after a failure.
        stop: Ends the loop between two transactions.
        late: Brings pairs that Kraken did not list at the start.
        listing: Says what Kraken has listed and delisted since; None: nobody asks.
        beat: Called after each answer that was processed.
        clock: Monotonic seconds.
        now: The time. A pair that has reached it has caught up.
    """

    def __init__(  # noqa: PLR0913  it connects the program's parts
        self,
        kraken: TradesSource,
        publisher: Publisher,
        pairs: Sequence[Pair],
        gaps: GapFiller,
        *,
        pace: Pace,
        retries: RetryPolicy,
        stop: StopRequest,
        late: LatePairs | None = None,
        listing: ListingWatch | None = None,
        beat: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._pager = PageFetcher(kraken, publisher)
        self._feeds = [Feed(pair, due=clock()) for pair in pairs]
        self._gaps = gaps
        self._pace = pace
        self._retries = retries
        self._late = late or LatePairs((), _nothing, retries)
        self._listing = listing
        self._stop = stop
        self._beat = beat
        self._clock = clock
        self._now = now
        self._until_micros = micros_of(now())
        self._order = CatchUpOrder()
        self._backlog = Backlog(
            publisher.positions.last_trade_id,
            publisher.positions.since,
            lambda: self._now().timestamp(),
        )
        self._log = CatchUpLog(self._backlog, pace.behind)

    def run(self) -> None:
        """Poll until a stop is requested."""
        while not self._stop.made():
            self._poll_next(self._feeds)

    def catch_up(self) -> None:
        """Poll each pair until Kraken has no more for it, or a stop is requested.

        Raises:
            VenueGaveUp: Kraken failed or refused some pairs too often; the others have caught up.
        """
        self._until_micros = micros_of(self._now())
        while not self._stop.made():
            behind = [feed for feed in self._feeds if self._is_behind(feed)]
            if not behind and not self._late.wanted:
                break
            self._poll_next(behind)
        if not self._stop.made():
            self._gaps.settle(self._stop.wait)
            unfinished = [feed.pair.symbol for feed in self._feeds if not feed.caught_up]
            self._retries.refuse_unfinished([*unfinished, *self._late.missing])

    def _is_behind(self, feed: Feed) -> bool:
        return not feed.caught_up and not self._retries.gave_up(feed.pair.symbol)

    def _poll_next(self, feeds: Sequence[Feed]) -> None:
        """Wait until the first of the pairs is due, and poll it."""
        feed_due = min((self._due(feed) for feed in feeds), default=float("inf"))
        due = min(self._late.due, self._listing.due if self._listing else feed_due, feed_due)
        self._gaps.turn()
        while self._gaps.asking and due - self._clock() > _SLICE_SECONDS:
            if self._stop.wait(_SLICE_SECONDS):
                return
            self._gaps.turn()
        if self._stop.wait(due - self._clock()):
            return
        now = self._clock()
        self._follow_listing(now)
        ready = [
            Waiting(feed, feed.due, self._backlog.missing(feed.pair.symbol))
            for feed in feeds
            if self._due(feed) <= now
        ]
        if ready and feed_due <= due:
            self._poll(self._order.next_of(ready).of)

    def _follow_listing(self, now: float) -> None:
        """Poll what Kraken lists by now; park what it lists no longer."""
        late = self._late.take(now)
        change = self._listing.take(now) if self._listing else ListingChange()
        for pair in (*late, *change.added):
            self._feeds.append(Feed(pair, due=now))
            self._gaps.add(pair)
        for pair in change.gone:
            self._retries.failed(pair.symbol, delisted(pair), now)
        for pair in change.returned:
            self._retries.ask_soon(pair.symbol)

    def _due(self, feed: Feed) -> float:
        return max(feed.due, self._retries.due(feed.pair.symbol))

    def _poll(self, feed: Feed) -> None:
        """Ask once for the pair, and publish the answer."""
        asked_at = self._clock()
        try:
            page = self._pager.fetch(feed.pair)
            publication = self._pager.publish(feed.pair, page)
        except FAILURES as error:
            # Due, but after the pairs that have become due meanwhile.
            feed.due = self._clock()
            self._retries.failed(feed.pair.symbol, error, feed.due)
            return
        self._retries.succeeded(feed.pair.symbol)
        self._beat()
        new = publication is not None
        feed.caught_up = not new or reaches(page, self._until_micros)
        behind = new and age_of_newest(page) > max(_PRESENT, self._pace.level)
        self._log.answered()
        feed.behind = behind
        if not behind:
            self._backlog.level(feed.pair.symbol)
        self._log.note(
            [
                one.pair.symbol
                for one in self._feeds
                if one.behind and self._retries.due(one.pair.symbol) <= asked_at
            ],
            asked_at,
        )
        feed.due = asked_at + (self._pace.behind if behind else self._pace.level)


def _nothing() -> PairChoice:
    return PairChoice({}, {})
