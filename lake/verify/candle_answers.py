"""What the exchange answers when it is asked for the candles of many pairs: pair by pair."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from lake.verify.candle_check import Candle
from lake.verify.result import Unproved

__all__ = ["CandleAnswer", "CandleAnswers"]


class CandleAnswer(BaseModel):
    """One of `python -m producer candles --json --by-pair`.

    Attributes:
        asked: the pair, as the lake calls it.
        symbol: what its trades are recorded as today; None where the exchange has no such pair.
        candles: what the exchange tells; None where it tells nothing.
        unknown: why it has no such pair, if it says that.
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
        candles: of the pairs that can be compared.
        unknown: pairs of which the exchange says that it has no such candles: an answer, and the
            same tomorrow.
        unanswered: pairs that it gave no answer for.
    """

    candles: Sequence[Candle] = ()
    unknown: tuple[Unproved, ...] = ()
    unanswered: tuple[Unproved, ...] = ()

    @classmethod
    def of(cls, answers: Iterable[CandleAnswer]) -> "CandleAnswers":
        """Told apart by what they are."""
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
    """Why nothing can be held against the answer; None where something can."""
    if answer.unknown is not None:
        return answer.unknown
    if answer.symbol != answer.asked:
        return f"the exchange's pair of that name is recorded as {answer.symbol} today"
    return None if answer.candles else "the exchange tells of no minute that is over"
