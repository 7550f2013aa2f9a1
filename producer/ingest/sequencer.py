"""One pair between the live feed and Kafka: what may be written, and when REST has to be asked.

A pair's recorded ids are the only truth. Live trades are written while they follow them without a
gap. Where ids are missing they are held for a few seconds, while REST brings the pages before them;
what REST does not bring by then becomes an open gap, and the trades are written (docs/adr/0016).
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

_WITHOUT_WORD: Final = 5.0
"""Seconds that the feed may tell nothing of a pair before REST is asked."""
_REST_LAGS: Final = 1.0
"""Seconds until REST is asked again for what it did not have yet."""
_MOST_LEVEL_PAGES: Final = 2
"""So many pages that had no more to give, and still lacked ids: REST does not have them yet."""
_MOST_HELD: Final = 20_000
_HELD_SECONDS: Final = 5.0
"""How long trades are held while REST gives nothing new."""
_MICROSECOND: Final = timedelta(microseconds=1)


class TradeSequencer:
    """The state of one pair. Times are seconds on one clock.

    A pair that was never recorded asks REST at once, which starts where START_FROM says; any
    other only if the feed has no word of it in time, and each time that it falls silent, soon
    behind a burst, else after long.

    Args:
        pair: The pair.
        recorded: The last trade_id in Kafka; 0 if there is none.
        now: The time.

    Attributes:
        pair: The pair.
        filling: Whether REST is being asked.
    """

    def __init__(self, pair: Pair, recorded: int, now: float) -> None:
        self.pair = pair
        self.filling = False
        self._held: dict[int, Trade] = {}
        self._subscribed = False
        # The first trade since the subscription: from there on the ids tell of any loss.
        self._first_live: int | None = None
        self._ask_at: float | None = now + _WITHOUT_WORD if recorded else now
        self._not_before = now
        self._level_pages = 0
        self._silence = Silence()
        self._doubted = False
        self._reached = recorded
        self._held_until: float | None = None

    def note(self, arrival: LiveTrades | Subscribed | Broken, recorded: int, now: float) -> None:
        """Takes what the feed says.

        Args:
            arrival: What it says.
            recorded: The last trade_id in Kafka; 0 if there is none.
            now: The time.
        """
        match arrival:
            case Subscribed():
                self._subscribed, self._first_live = True, None
                self._ask(now + _WITHOUT_WORD)
            case Broken():
                self._subscribed, self._first_live = False, None
                self._ask(now + _WITHOUT_WORD)
            case LiveTrades():
                self._hold(arrival, recorded, now)

    def doubt(self) -> None:
        """Its subscription is renewed: only a live trade will show that it helped."""
        self._doubted = True

    def holds(self, trade_id: int) -> bool:
        """Whether the feed has brought this trade, and it is not recorded yet."""
        return trade_id in self._held

    def take(self, recorded: int, now: float) -> list[Trade]:
        """The held trades that may be written, by id; none before a first recorded one.

        Those at or below the last recorded id come too: they may have been missing.
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
        elif self._held_until is None:
            self._held_until = now + _HELD_SECONDS
        return ready

    def wants_rest(self, now: float) -> bool:
        """Whether to ask REST: ids are missing before what is held, or the time has come."""
        if self.filling or now < self._not_before:
            return False
        return bool(self._held) or (self._ask_at is not None and self._ask_at <= now)

    def begin_filling(self) -> None:
        """REST is being asked. Its answer tells nothing of what comes about from here on."""
        self.filling, self._ask_at = True, None

    def end_filling(self, now: float) -> None:
        """REST gave no answer: it has to be asked again."""
        self.filling = False
        self._ask(now)

    def filled(self, recorded: int, now: float, *, full: bool, undelivered: bool = False) -> None:
        """A page from REST is in Kafka.

        Args:
            recorded: The last trade_id in Kafka now.
            now: The time.
            full: Whether more waits behind the page.
            undelivered: Whether it brought a trade that the feed had not.
        """
        self.filling = False
        self._silence.asked(now)
        if full and not self._joined(recorded):
            self._ask(now)
        else:
            quiet = self._silence.after_page(now, new=undelivered)
            self._ask(quiet if self._subscribed else now + _WITHOUT_WORD)
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
            # REST has the last word on what is no trade.
            log.warning(
                "live_trades_left_to_rest", symbol=self.pair.symbol, because=list(arrival.faults)
            )
            self._ask(now + _REST_LAGS)
        if not recorded and arrival.snapshot:
            # Where recording starts is for START_FROM to say.
            return
        room = len(arrival.trades) if recorded else _MOST_HELD - len(self._held)
        self._held |= {trade.trade_id: trade for trade in arrival.trades[:room]}
        if len(arrival.trades) > room:
            # Nothing is recorded yet: REST comes by them on its way from START_FROM.
            self._first_live = None
            self._ask(now)
        elif self._subscribed and arrival.trades and not arrival.faults:
            first = min(trade.trade_id for trade in arrival.trades)
            self._first_live = self._first_live or first
            if recorded:
                self._expect_silence(arrival, now)

    def _expect_silence(self, arrival: LiveTrades, now: float) -> None:
        """Puts off asking REST, since trades have just come that follow what is recorded."""
        if not arrival.snapshot:
            self._doubted = False
            self._ask_at = self._silence.after(len(arrival.trades), now)
        elif not self._doubted:
            self._ask_at = now + QUIET

    def _held_in_vain(self, now: float) -> bool:
        """Whether REST is not about to bring what is missing, or too much waits for it."""
        return (
            self._level_pages >= _MOST_LEVEL_PAGES
            or (self._held_until is not None and now >= self._held_until)
            or len(self._held) > _MOST_HELD
        )

    def _release(self, recorded: int) -> list[Trade]:
        """All that is held. The missing ids before it are asked for apart from then on."""
        released = [self._held[one] for one in sorted(self._held)]
        self._held.clear()
        self._held_until, self._level_pages = None, 0
        log.warning(
            "live_trades_before_rest",
            symbol=self.pair.symbol,
            trades=len(released),
            last_trade_id=recorded,
            because="REST does not have what lies before them yet: an open gap, asked for apart",
        )
        return released

    def _joined(self, recorded: int) -> bool:
        """Whether what is recorded reaches the first live trade."""
        return self._first_live is not None and recorded + 1 >= self._first_live

    def _ask(self, when: float) -> None:
        self._ask_at = when if self._ask_at is None else min(self._ask_at, when)


def live_page(trades: Sequence[Trade]) -> TradesPage:
    """Live trades as a page of Kraken's, with the cursor that lets REST go on behind them.

    REST's cursor counts nanoseconds, a live trade's time microseconds, and Kraken does not say
    whether it cuts or rounds them. So the cursor lies a microsecond before the newest trade: REST
    then gives it again with its neighbours, and the ids tell which of them are new. The same
    trade's time may differ by a microsecond between both ways, so only ids are ever compared. A
    cursor never goes back: trades that were missing leave it where it is.
    """
    newest = max(trade.executed_at for trade in trades)
    return TradesPage(tuple(trades), (), just_before(newest - _MICROSECOND), len(trades))
