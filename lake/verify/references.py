"""Ask the exchange and the producer's Kafka for what the lake cannot know."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

from lake.errors import ReferenceUnavailable
from lake.log.source_state import SourceState
from lake.read.quarantine_ids import TradeIds
from lake.verify.candle_answers import CandleAnswers
from lake.verify.missing_id_reasons import Ids, OpenGap, ParkedPair
from lake.verify.result import Unproved

__all__ = ["NO_REFERENCES", "References", "Statements"]

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class Statements:
    """The answers.

    Attributes:
        holes: ranges of ids that the exchange said do not exist, per symbol folder.
        candles: the exchange's candles of the last hours; None if it was not asked or is silent.
        source: the topic's identity and offsets; None if the broker was not asked.
        silent: a sentence for each question that got no answer.
        dead_letters: ranges of ids whose rows are not trades, per symbol folder.
        open_gaps: ids that the producer still requests, per symbol folder.
        parked: pairs that are not recorded for now.
        unproved: pairs that could not be compared with candles although that was asked for.
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
    """The functions to ask about a lake.

    Attributes:
        holes: returns the ids that the exchange does not have.
        candles: returns the candles of some symbols; None to compare none.
        source: returns the topic's identity and offsets; None to compare none.
        may_be_silent: whether to verify the lake without those that do not answer.
        dead_letters: returns the ids of rows that are not trades.
        open_gaps: returns the ids that the producer still requests.
        parked: returns the pairs that are not recorded for now.
        trade_ids: decodes values in quarantine; None to decode none.
        catalog_uri: the catalog of the lake's Iceberg table; empty for a file beside the lake.
    """

    holes: Callable[[], Ids] = dict
    candles: Callable[[Collection[str]], CandleAnswers] | None = None
    source: Callable[[], SourceState] | None = None
    may_be_silent: bool = False
    dead_letters: Callable[[], Ids] = dict
    open_gaps: Callable[[], Mapping[str, Sequence[OpenGap]]] = dict
    parked: Callable[[], Sequence[ParkedPair]] = tuple
    trade_ids: TradeIds | None = None
    catalog_uri: str = ""

    def ask(self, symbols: Collection[str]) -> Statements:
        """Call all of them, in parallel.

        Call this after the commit log has been read, so that no answer is older than the log.

        Args:
            symbols: the canonical symbols that the lake holds.

        Raises:
            ReferenceUnavailable: One did not answer, and `may_be_silent` is false.
        """
        with ThreadPoolExecutor() as pool:
            holes = pool.submit(self.holes)
            dead_letters = pool.submit(self.dead_letters)
            open_gaps = pool.submit(self.open_gaps)
            parked = pool.submit(self.parked)
            source = pool.submit(self.source) if self.source else None
            candles = pool.submit(self.candles, symbols) if self.candles and symbols else None
        results = _Results(self.may_be_silent)
        statements = Statements(
            holes=results.of(holes, {}),
            dead_letters=results.of(dead_letters, {}),
            open_gaps=results.of(open_gaps, {}),
            parked=results.of(parked, ()),
            source=results.of(source, None) if source else None,
            candles=None,
            silent=(),
        )
        if candles:
            answers, unproved = results.of_candles(candles, symbols)
            statements = replace(statements, candles=answers, unproved=unproved)
        return replace(statements, silent=tuple(results.silent))


class _Results:
    """Collects answers, and notes which are missing."""

    def __init__(self, may_be_silent: bool) -> None:  # noqa: FBT001 - private
        self.silent: list[str] = []
        self._may_be_silent = may_be_silent

    def of(self, answer: "Future[T]", otherwise: U) -> T | U:
        try:
            return answer.result()
        except ReferenceUnavailable as error:
            self._note(error)
            return otherwise

    def of_candles(
        self, answer: "Future[CandleAnswers]", symbols: Collection[str]
    ) -> tuple[CandleAnswers | None, tuple[Unproved, ...]]:
        """Return the answers, and the pairs that they leave unproved: all if there are none."""
        try:
            answers = answer.result()
        except ReferenceUnavailable as error:
            self._note(error)
            return None, tuple(Unproved(symbol, str(error)) for symbol in symbols)
        answered = {candle.symbol for candle in answers.candles}
        answered |= {one.symbol for one in (*answers.unknown, *answers.unanswered)}
        left = [symbol for symbol in symbols if symbol not in answered]
        unanswered = (*answers.unanswered, *(Unproved(one, "no answer was given") for one in left))
        if unanswered:
            first, more = unanswered[0], len(unanswered) - 1
            others = f" and of {more} more pairs" if more else ""
            self._note(
                ReferenceUnavailable(
                    f"there is no answer about the candles of {first.symbol}{others}: "
                    f"{first.reason}"
                )
            )
        return answers, tuple(sorted((*answers.unknown, *unanswered), key=lambda one: one.symbol))

    def _note(self, error: ReferenceUnavailable) -> None:
        if not self._may_be_silent:
            raise error
        self.silent.append(str(error))


NO_REFERENCES = References()
"""Asks no one: only the lake itself is verified."""
