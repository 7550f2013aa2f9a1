"""One pair between the live feed and Kafka: what may be written, and when REST has to be asked.

The ids recorded in Kafka decide. Live trades are written while they follow the recorded ids without
a gap. If ids are missing, the trades are held for a few seconds while REST brings the pages before
them; what REST does not bring by then becomes an open gap, and the trades are written
(docs/adr/0016).
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from producer.ingest.silence import QUIET, Silence
from producer.model.feed_events import Broken, LiveTrades, Subscribed
from producer.model.page import TradesPage
from producer.model.pair import Pair
from producer.model.starting_point import just_before
from producer.model.trade import Trade

__all__ = ["TradeSequencer", "live_page"]

log = structlog.get_logger()

_SILENT_SECONDS: Final = 5.0
"""Seconds that the feed may be silent about a pair before REST is asked."""
_REST_LAGS: Final = 1.0
"""Seconds until REST is asked again for what it did not have yet."""
_MOST_LEVEL_PAGES: Final = 2
"""After so many last pages that still lack ids, REST does not have them yet."""
_MOST_HELD: Final = 20_000
_HELD_SECONDS: Final = 5.0
"""How long trades are held while REST gives nothing new."""
_MICROSECOND: Final = timedelta(microseconds=1)


class TradeSequencer:
    """The state of one pair. Times are seconds on one clock.

    For a pair that was never recorded, REST is asked at once and starts where START_FROM says. For
    any other pair REST is asked if the feed does not mention it in time, and each time that it
    falls silent: soon after a burst, otherwise after several minutes.

    Args:
        pair: The pair.
        recorded: The last trade_id in Kafka; 0 if there is none.
        now: The time.

    Attributes:
        pair: The pair.
        filling: Whether REST is being asked.
        behind: Whether the pair has not reached the present since the start or the last break.
    """

    def __init__(self, pair: Pair, recorded: int, now: float) -> None:
        self.pair = pair
        self.filling = False
        self.behind = True
        self._held: dict[int, Trade] = {}
        self._subscribed = False
        # The first trade since the subscription: from there on the ids show any loss.
        self._first_live: int | None = None
        self._ask_at: float | None = now + _SILENT_SECONDS if recorded else now
        self._not_before = now
        self._level_pages = 0
        self._silence = Silence()
        self._doubted = False
        self._reached = recorded
        self._held_until: float | None = None
        # REST has not answered the last question. The feed's trades do not replace its answer,
        # which also ends the parking of a pair.
        self._unanswered = False

    def note(self, arrival: LiveTrades | Subscribed | Broken, recorded: int, now: float) -> None:
        """Process an arrival of the feed.

        Args:
            arrival: The arrival.
            recorded: The last trade_id in Kafka; 0 if there is none.
            now: The time.
        """
        match arrival:
            case Subscribed():
                self._subscribed, self._first_live = True, None
                self._ask(now + _SILENT_SECONDS)
            case Broken():
                self._subscribed, self._first_live, self.behind = False, None, True
                self._ask(now + _SILENT_SECONDS)
            case LiveTrades():
                self._hold(arrival, recorded, now)

    def doubt(self) -> None:
        """Note that the subscription is renewed; only a live trade will show that it works."""
        self._doubted = True

    @property
    def held(self) -> int:
        """How many trades are held."""
        return len(self._held)

    def holds(self, trade_id: int) -> bool:
        """Whether the feed has brought this trade, and it is not recorded yet."""
        return trade_id in self._held

    def take(self, recorded: int, now: float) -> list[Trade]:
        """Return the held trades that may be written, by id; none before the first recorded one.

        Trades at or below the last recorded id are among them: they may have been missing.
        """
        if not self._held or not recorded:
            return []
        if self._held_in_vain(now):
            return self._release(recorded)
        if self.filling:
            return []
        ready = [self._held.pop(one) for one in sorted(self._held) if one <= recorded]
        while (trade := self._held.pop(recorded + 1, None)) is not None:
            ready.append(trade)
            recorded += 1
        if not self._held:
            self._held_until, self._level_pages = None, 0
            self.behind = self.behind and not self._subscribed
        elif self._held_until is None:
            self._held_until = now + _HELD_SECONDS
        return ready

    def wants_rest(self, now: float) -> bool:
        """Whether to ask REST: ids before the held trades are missing, or it is due."""
        if self.filling or now < self._not_before:
            return False
        return bool(self._held) or (self._ask_at is not None and self._ask_at <= now)

    def begin_filling(self) -> None:
        """Note that REST is being asked. Its answer does not show what happens from now on."""
        self.filling, self._ask_at = True, None

    def end_filling(self, now: float) -> None:
        """Note that REST gave no answer and has to be asked again."""
        self.filling = False
        self._unanswered = True
        self._ask(now)

    def filled(self, recorded: int, now: float, *, full: bool, undelivered: bool = False) -> None:
        """Note that a page from REST is in Kafka.

        Args:
            recorded: The last trade_id in Kafka now.
            now: The time.
            full: Whether more pages follow it.
            undelivered: Whether it brought a trade that the feed had not brought.
        """
        self.filling = self._unanswered = False
        self._silence.asked(now)
        if full and not self._joined(recorded):
            self._ask(now)
        else:
            quiet = self._silence.after_page(now, new=undelivered)
            self._ask(quiet if self._subscribed else now + _SILENT_SECONDS)
            self.behind = False
        if full or recorded > self._reached:
            self._held_until = now + _HELD_SECONDS if self._held else None
        self._reached = recorded
        missing = (
            not full
            and recorded + 1 not in self._held
            and any(trade_id > recorded for trade_id in self._held)
        )
        self._level_pages = self._level_pages + 1 if missing else 0
        if missing:
            self._not_before = now + _REST_LAGS

    def _hold(self, arrival: LiveTrades, recorded: int, now: float) -> None:
        if arrival.faults:
            # REST decides what is no valid trade.
            log.warning(
                "live_trades_left_to_rest", symbol=self.pair.symbol, because=list(arrival.faults)
            )
            self._ask(now + _REST_LAGS)
        if not recorded and arrival.snapshot:
            # START_FROM decides where recording starts, not the snapshot.
            return
        room = len(arrival.trades) if recorded else _MOST_HELD - len(self._held)
        self._held |= {trade.trade_id: trade for trade in arrival.trades[:room]}
        if len(arrival.trades) > room:
            # Nothing is recorded yet: REST brings them on its way from START_FROM.
            self._first_live = None
            self._ask(now)
        elif self._subscribed and arrival.trades and not arrival.faults:
            first = min(trade.trade_id for trade in arrival.trades)
            self._first_live = self._first_live or first
            if recorded:
                self._expect_silence(arrival, now)

    def _expect_silence(self, arrival: LiveTrades, now: float) -> None:
        """Postpone asking REST, since trades that follow the recorded ones have just arrived."""
        if not arrival.snapshot:
            self._doubted = False
            ask_at = self._silence.after(len(arrival.trades), now)
        elif self._doubted:
            return
        else:
            ask_at = now + QUIET
        if not self._unanswered:
            self._ask_at = ask_at

    def _held_in_vain(self, now: float) -> bool:
        """Whether to stop waiting: REST does not bring the missing ids, or too much is held."""
        return (
            self._level_pages >= _MOST_LEVEL_PAGES
            or (self._held_until is not None and now >= self._held_until)
            or len(self._held) > _MOST_HELD
        )

    def _release(self, recorded: int) -> list[Trade]:
        """Return all held trades. The gap filler then asks for the missing ids before them."""
        released = [self._held[one] for one in sorted(self._held)]
        self._held.clear()
        self._held_until, self._level_pages = None, 0
        log.warning(
            "live_trades_before_rest",
            symbol=self.pair.symbol,
            trades=len(released),
            last_trade_id=recorded,
            because="REST does not have the ids before them yet: they become an open gap",
        )
        return released

    def _joined(self, recorded: int) -> bool:
        """Whether the recorded trades reach the first live trade."""
        return self._first_live is not None and recorded + 1 >= self._first_live

    def _ask(self, when: float) -> None:
        self._ask_at = when if self._ask_at is None else min(self._ask_at, when)


def live_page(trades: Sequence[Trade]) -> TradesPage:
    """Return live trades as a page, with the cursor from which REST continues after them.

    REST's cursor counts nanoseconds, a live trade's time microseconds, and Kraken does not say
    whether it truncates or rounds them. So the cursor lies a microsecond before the newest trade:
    REST then gives that trade again with its neighbours, and the ids show which of them are new.
    The time of one trade may differ by a microsecond between REST and WebSocket, so only ids are
    compared. A cursor never goes back: trades that were missing leave it where it is.
    """
    newest = max(trade.executed_at for trade in trades)
    return TradesPage(tuple(trades), (), just_before(newest - _MICROSECOND), len(trades))
