"""Ask REST for missing trade ids, beside everything else that a program does."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self

import structlog

from producer.ingest.gap_back_off import GapBackOff
from producer.ingest.gap_question import GapQuestion
from producer.kafka.publisher import Publisher
from producer.model.gaps.missing_ids import MissingIds
from producer.model.gaps.open_gap import OpenGap
from producer.model.page import TradesPage
from producer.model.pair import Pair
from producer.model.venue import TradesSource
from producer.model.venue_errors import VenueError
from runtime.clock import utc_now

__all__ = ["GapFiller"]

log = structlog.get_logger()

_MOST_AT_ONCE: Final = 2
_PAUSE_SECONDS: Final = 0.1
_SECONDS_TO_SETTLE: Final = 60.0
_MOST_NAMED: Final = 10
_Asking = dict[Pair, tuple[GapQuestion, Future[TradesPage]]]
_LOOK_FOR_DUE: Final = timedelta(seconds=0.5)
_NANOSECONDS: Final = 10**9


class GapFiller:
    """Asks the questions of the schedule: one at a time per pair, one page at a time per question.

    Only the thread that calls `turn` writes. A question that fails is asked again later: missing
    ids never stop what can be recorded.

    Args:
        kraken: Answers; called from several threads, at its own pace per pair.
        publisher: Knows what is missing, and writes what is found.
        pairs: The pairs to look after, under the recorded symbols.
        pool: Runs the fetches.
        now: The time.
    """

    def __init__(
        self,
        kraken: TradesSource,
        publisher: Publisher,
        pairs: Sequence[Pair],
        *,
        pool: Executor | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._kraken = kraken
        self._publisher = publisher
        self._positions = publisher.positions
        self._pairs = list(pairs)
        self._pool = pool or ThreadPoolExecutor(_MOST_AT_ONCE, "gaps")
        self._now = now
        self._asking: _Asking = {}
        self._asked_at: dict[Pair, datetime] = {}
        self._back_off = GapBackOff(self._positions.schedule.retry)
        self._look_for_due = now()
        self._looking: Future[Callable[[], None]] | None = None
        self._look_at = now() + timedelta(seconds=self._positions.schedule.refresh)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def add(self, pair: Pair) -> None:
        """Look after one more pair."""
        self._pairs.append(pair)

    def turn(self) -> None:
        """Write the answers that have arrived, and ask the questions that are due.

        Raises:
            TerminalError, KafkaUnreachable: An answer could not be written.
        """
        now = self._now()
        for pair in [pair for pair, (_, future) in self._asking.items() if future.done()]:
            self._take(pair, now)
        self._look_at_others(now)
        if now < self._look_for_due:
            return
        self._look_for_due = now + _LOOK_FOR_DUE
        for pair in self._pairs:
            if pair not in self._asking and self._back_off.allows(pair, now):
                self._put_question(pair, now)

    def open_gaps(self) -> list[OpenGap]:
        """Return the open gaps of its pairs."""
        return [one for one in self._missing() if isinstance(one, OpenGap)]

    def settle(self, wait: Callable[[float], bool]) -> None:
        """Before the program ends, ask once for each new gap; later runs do the rest.

        Args:
            wait: Waits so many seconds and returns whether a stop was requested.

        Raises:
            TerminalError, KafkaUnreachable: An answer could not be written.
        """
        deadline = self._now() + timedelta(seconds=_SECONDS_TO_SETTLE)
        while self._settling() and self._now() < deadline:
            self.turn()
            if wait(_PAUSE_SECONDS):
                break
        if left := self.open_gaps():
            log.warning(
                "open_gaps_left",
                gaps=[f"{one.symbol} {one}" for one in left[:_MOST_NAMED]],
                number=len(left),
                because="a gap counts as a hole only after it was asked for over some time; live "
                "recording keeps asking, and so does the next run",
            )

    @property
    def asking(self) -> bool:
        """Whether a question has not been answered yet."""
        return bool(self._asking)

    def _settling(self) -> bool:
        """Whether an answer is awaited, or a new gap will be asked for soon."""
        soon = self._now() + timedelta(seconds=self._positions.schedule.delays[0])
        return self.asking or any(
            not one.asked and (one.ask_at is None or one.ask_at <= soon) for one in self.open_gaps()
        )

    def _missing(self) -> Iterable[MissingIds]:
        return (one for pair in self._pairs for one in self._positions.missing(pair.symbol))

    def _put_question(self, pair: Pair, now: datetime) -> None:
        schedule = self._positions.schedule
        due = [one for one in self._positions.missing(pair.symbol) if schedule.is_due(one, now)]
        if due:
            # The one that reaches furthest back: its answer may cover the others.
            about = max(due, key=schedule.seconds_back)
            back = schedule.seconds_back(about)
            question = GapQuestion(about, back, int(now.timestamp() * _NANOSECONDS))
            self._asked_at[pair] = now
            self._ask(pair, question)

    def _ask(self, pair: Pair, question: GapQuestion) -> None:
        future = self._pool.submit(self._kraken.trades, pair, question.since)
        self._asking[pair] = question, future

    def _take(self, pair: Pair, now: datetime) -> None:
        question, future = self._asking.pop(pair)
        try:
            page = future.result()
        except VenueError as error:
            wait = self._back_off.failed(pair, error, now)
            self._call_off(now)
            log.warning(
                "gap_question_failed", symbol=pair.symbol, error=str(error), retry_in=round(wait, 1)
            )
            return
        self._back_off.succeeded(pair)
        self._publisher.publish_missing(pair.symbol, page)
        question.take(page)
        if question.done:
            self._conclude(pair, question)
        else:
            self._ask(pair, question)

    def _call_off(self, now: datetime) -> None:
        """Cancel fetches that have not begun, of pairs that must now wait."""
        for pair, (_, future) in list(self._asking.items()):
            if not self._back_off.allows(pair, now) and future.cancel():
                del self._asking[pair]

    def _conclude(self, pair: Pair, question: GapQuestion) -> None:
        """Write what the answers mean for every range that was due and that they cover."""
        schedule, about = self._positions.schedule, question.about
        asked_at = self._asked_at[pair]

        def become(missing: MissingIds, now: datetime) -> MissingIds | None:
            if not schedule.is_due(missing, asked_at):
                return None
            if question.covers(missing):
                return schedule.after_an_answer(missing, question.near, now)
            if _overlap(missing, about):
                return schedule.put_off(missing, now, lost=question.lost)
            return None

        self._publisher.change_missing(pair.symbol, become)

    def _look_at_others(self, now: datetime) -> None:
        """Read what other programs have written about missing ids."""
        if self._looking is not None and self._looking.done():
            looked, self._looking = self._looking, None
            if (error := looked.exception()) is None:
                looked.result()()
            else:
                log.warning("gaps_not_read", error=str(error))
        elif self._looking is None and now >= self._look_at:
            self._look_at = now + timedelta(seconds=self._positions.schedule.refresh)
            self._looking = self._pool.submit(self._positions.look_at_others())


def _overlap(one: MissingIds, other: MissingIds) -> bool:
    return one.first_trade_id <= other.last_trade_id and other.first_trade_id <= one.last_trade_id
