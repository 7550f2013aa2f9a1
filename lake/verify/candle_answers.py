"""The exchange's answers to a request for the candles of many pairs, pair by pair."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from lake.verify.checks.candle_check import Candle
from lake.verify.result import Unproved

__all__ = ["CandleAnswer", "CandleAnswers"]


class CandleAnswer(BaseModel):
    """One answer of `kraken-lake candles --json --by-pair`.

    Attributes:
        asked: the pair's symbol in the lake.
        symbol: the symbol that its trades are recorded as today; None if there is no such pair.
        candles: the exchange's candles; None if it gave none.
        unknown: why the exchange has no such pair, if it says so.
        error: why there is no answer, if there is none.
    """

    asked: str
    symbol: str | None = None
    candles: list[Candle] | None = None
    unknown: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class CandleAnswers:
    """The answers for all pairs.

    Attributes:
        candles: the candles of the pairs that can be compared.
        unknown: pairs for which the exchange says that it has no candles; asking again later gives
            the same answer.
        unanswered: pairs that the exchange gave no answer for.
    """

    candles: Sequence[Candle] = ()
    unknown: tuple[Unproved, ...] = ()
    unanswered: tuple[Unproved, ...] = ()

    @classmethod
    def of(cls, answers: Iterable[CandleAnswer]) -> "CandleAnswers":
        """Sort answers into these three kinds."""
        candles: list[Candle] = []
        unknown: list[Unproved] = []
        unanswered: list[Unproved] = []
        for answer in answers:
            if answer.error is not None:
                unanswered.append(Unproved(answer.asked, answer.error))
            elif (why := _incomparable(answer)) is not None:
                unknown.append(Unproved(answer.asked, why))
            else:
                candles += answer.candles or ()
        return cls(candles, tuple(unknown), tuple(unanswered))


def _incomparable(answer: CandleAnswer) -> str | None:
    """Return why the lake cannot be compared with the answer; None if it can."""
    if answer.unknown is not None:
        return answer.unknown
    if answer.symbol != answer.asked:
        return f"the exchange's pair of that name is recorded as {answer.symbol} today"
    return None if answer.candles else "the exchange has no candle of a minute that is over"
