"""Who knows something of a lake's trades that the lake cannot know: the exchange and the broker."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

from lake.errors import WitnessSilent
from lake.log.source_state import SourceState
from lake.read.quarantine_ids import TradeIds
from lake.verify.candle_answers import CandleAnswers
from lake.verify.known_ids import Ids, OpenGap, ParkedPair
from lake.verify.result import Unproved

__all__ = ["NOBODY", "References", "Statements"]

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class Statements:
    """What was told.

    Attributes:
        holes: runs of ids that the exchange said do not exist, per symbol folder.
        candles: what the exchange tells of the last hours; None if it was not asked or is silent.
        source: the topic as it stands; None if nobody was asked.
        silent: who was asked and did not answer, a sentence each.
        dead_letters: runs of ids whose rows are no trade, per symbol folder.
        open_gaps: ids that are being asked for, per symbol folder.
        parked: pairs that are not recorded for now.
        unproved: pairs that were asked for, and that no candles can be held against.
    """

    holes: Ids
    candles: CandleAnswers | None
    source: SourceState | None
    silent: tuple[str, ...]
    dead_letters: Ids = field(default_factory=dict)
    open_gaps: Mapping[str, Sequence[OpenGap]] = field(default_factory=dict)
    parked: Sequence[ParkedPair] = ()
    unproved: tuple[Unproved, ...] = ()


@dataclass(frozen=True)
class References:
    """Whom to ask about a lake.

    Attributes:
        holes: tells the ids that the exchange does not have.
        candles: tells the candles of some symbols; None to ask nobody.
        source: tells how the topic stands; None to ask nobody.
        may_be_silent: whether the lake is verified without those who do not answer.
        dead_letters: tells the ids of rows that are no trade.
        open_gaps: tells the ids that are being asked for.
        parked: tells the pairs that are not recorded for now.
        trade_ids: decodes what is in quarantine; None to ask nobody.
    """

    holes: Callable[[], Ids] = dict
    candles: Callable[[Collection[str]], CandleAnswers] | None = None
    source: Callable[[], SourceState] | None = None
    may_be_silent: bool = False
    dead_letters: Callable[[], Ids] = dict
    open_gaps: Callable[[], Mapping[str, Sequence[OpenGap]]] = dict
    parked: Callable[[], Sequence[ParkedPair]] = tuple
    trade_ids: TradeIds | None = None

    def hear(self, symbols: Collection[str]) -> Statements:
        """Ask all of them, side by side.

        To be called once the commit log has been read: then none of them knows less than it.

        Args:
            symbols: canonical, those that the lake holds.

        Raises:
            WitnessSilent: one did not answer, and may not be silent.
        """
        with ThreadPoolExecutor() as pool:
            holes = pool.submit(self.holes)
            dead_letters = pool.submit(self.dead_letters)
            open_gaps = pool.submit(self.open_gaps)
            parked = pool.submit(self.parked)
            source = pool.submit(self.source) if self.source else None
            candles = pool.submit(self.candles, symbols) if self.candles and symbols else None
        hearing = _Hearing(self.may_be_silent)
        said = Statements(
            holes=hearing.of(holes, {}),
            dead_letters=hearing.of(dead_letters, {}),
            open_gaps=hearing.of(open_gaps, {}),
            parked=hearing.of(parked, ()),
            source=hearing.of(source, None) if source else None,
            candles=None,
            silent=(),
        )
        if candles:
            answers, unproved = hearing.of_candles(candles, symbols)
            said = replace(said, candles=answers, unproved=unproved)
        return replace(said, silent=tuple(hearing.silent))


class _Hearing:
    """Takes answers, and keeps in mind who gave none."""

    def __init__(self, may_be_silent: bool) -> None:  # noqa: FBT001 - private
        self.silent: list[str] = []
        self._may_be_silent = may_be_silent

    def of(self, answer: "Future[T]", otherwise: U) -> T | U:
        try:
            return answer.result()
        except WitnessSilent as error:
            self._note(error)
            return otherwise

    def of_candles(
        self, answer: "Future[CandleAnswers]", symbols: Collection[str]
    ) -> tuple[CandleAnswers | None, tuple[Unproved, ...]]:
        """The answers, and the pairs that they leave unproved: all, where there are none."""
        try:
            answers = answer.result()
        except WitnessSilent as error:
            self._note(error)
            return None, tuple(Unproved(symbol, str(error)) for symbol in symbols)
        told_of = {candle.symbol for candle in answers.candles}
        told_of |= {one.symbol for one in (*answers.unknown, *answers.unanswered)}
        left = [symbol for symbol in symbols if symbol not in told_of]
        unanswered = (*answers.unanswered, *(Unproved(one, "nothing was told") for one in left))
        if unanswered:
            first, more = unanswered[0], len(unanswered) - 1
            others = f" and of {more} more pairs" if more else ""
            told = f"there is no answer about the candles of {first.symbol}{others}: {first.reason}"
            self._note(WitnessSilent(told))
        return answers, tuple(sorted((*answers.unknown, *unanswered), key=lambda one: one.symbol))

    def _note(self, error: WitnessSilent) -> None:
        if not self._may_be_silent:
            raise error
        self.silent.append(str(error))


NOBODY = References()
"""The lake alone is looked at."""
