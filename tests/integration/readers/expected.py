"""The right answer to each question, from the source rows alone, and how an answer is compared."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from tests.integration.readers.source_rows import (
    BTC,
    INCH,
    PRICE_WITH_DECIMALS,
    RANGE,
    SCALE,
    WHOLE_PRICE,
    Row,
    counts,
    of_symbol,
    rows,
    turnovers,
    volumes,
    vwaps,
)

_LAST_DIGIT: Final = Fraction(1, SCALE)
"""Of a price: how far a volume-weighted one may be off."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def is_right(question: str, answer: Any) -> bool:
    """Whether a reader's answer is the right one."""
    if isinstance(answer, dict) and "error" in answer:
        return False
    return _CHECKS[question](answer)


def _exactly(truth: Mapping[str, Fraction]) -> Callable[[Any], bool]:
    return lambda answer: _numbers(answer) == truth


def _to_the_last_digit(answer: Any) -> bool:
    got, truth = _numbers(answer), vwaps()
    return got.keys() == truth.keys() and all(
        abs(got[symbol] - truth[symbol]) <= _LAST_DIGIT for symbol in truth
    )


def _numbers(answer: Any) -> dict[str, Fraction]:
    """What a reader wrote as text, or as a double of which each digit counts."""
    return {symbol: Fraction(Decimal(value)) for symbol, value in answer.items()}


def _is(truth: Any) -> Callable[[Any], bool]:
    return lambda answer: answer == truth


def _ids(of: list[Row]) -> list[int]:
    return [row.trade_id for row in of]


def _feeds() -> dict[str, int]:
    named = [row.feed or "null" for row in rows()]
    return {feed: named.count(feed) for feed in dict.fromkeys(named)}


def _in_range() -> list[list[object]]:
    first, end = ((moment - _EPOCH) // timedelta(microseconds=1) for moment in RANGE)
    found = [(row.symbol, row.trade_id) for row in rows() if first <= row.executed_at < end]
    return [list(one) for one in sorted(found)]


_WHOLE: Final = WHOLE_PRICE * SCALE
_CHECKS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "count": _is(counts()),
    "volume": _exactly(volumes()),
    "turnover": _exactly(turnovers()),
    "vwap": _to_the_last_digit,
    "symbol": _is(_ids(of_symbol(INCH))),
    "price at least": _is(_ids([row for row in of_symbol(BTC) if row.price >= _WHOLE])),
    "price equal": _is(_ids([row for row in of_symbol(BTC) if row.price == _WHOLE])),
    "price with decimals": _is(
        _ids([row for row in of_symbol(BTC) if row.price == PRICE_WITH_DECIMALS])
    ),
    "feed": _is(_feeds()),
    "time": _is(_in_range()),
}
QUESTIONS: Final = tuple(_CHECKS)
