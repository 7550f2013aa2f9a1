"""Read the rows of a page column by column: the fast way, for pages as Kraken mostly sends them.

`read_row` reads every row that can be read, and says what is wrong with any other. It takes three
times as long, mostly for calls and checks that have the same result in row after row. Here each
check is made for a whole column at once, and a single unusual row is reason enough to leave the
page to `read_row`.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import repeat
from typing import Final

import msgspec

from producer.kraken.digits import EARLIEST, LATEST
from producer.kraken.rest.answer import PlainRow
from producer.kraken.rest.row import ORDER_TYPES, SIDES, Origin
from producer.model.trade import Feed, OrderType, Side
from producer.model.trade_batch import TradeBatch
from producer.model.units import PRECISION, SCALE

__all__ = ["read_rows"]

_TIME: Final = r"\d{10}\.\d{1,10}"  # unix seconds since 2001, for another 260 years
_TIMES: Final = re.compile(rf"{_TIME}(?:,{_TIME})*", re.ASCII)
_INTEGERS: Final = msgspec.json.Decoder(list[int])
_TO_MICROS: Final = len("1762795433.971744")
_EARLIEST_MICROS: Final = EARLIEST * 10**6
_LATEST_MICROS: Final = LATEST * 10**6


def read_rows(rows: Sequence[PlainRow], origin: Origin) -> TradeBatch:
    """Read rows with the same result as `read_row` for each of them.

    Raises:
        ValueError, TypeError: A row does not have Kraken's usual form, or is no valid trade.
    """
    if not rows:
        return TradeBatch.of(())
    many = len(rows)
    return TradeBatch.checked(
        (
            [origin.exchange] * many,
            [origin.symbol] * many,
            [row.trade_id for row in rows],
            _units([row.price for row in rows]),
            _units([row.volume for row in rows]),
            list(map(SIDES.get, [row.side for row in rows], repeat(Side.UNKNOWN))),
            list(map(ORDER_TYPES.get, [row.order_type for row in rows], repeat(OrderType.UNKNOWN))),
            [row.misc for row in rows],
            _micros([row.time for row in rows]),
            [origin.ingested_micros] * many,
            [Feed.REST] * many,
        )
    )


def _units(texts: Sequence[str]) -> list[int]:
    """Read amounts in units of 10^-10. Kraken gives all of a pair's the same decimal places."""
    places = len(texts[0]) - texts[0].find(".") - 1
    joined = ",".join(texts)
    if not _amounts_with(places).fullmatch(joined):
        raise ValueError(f"not every amount is digits around a point, {places} after it")
    last_place = 10 ** (SCALE - places)
    return [number * last_place for number in _whole_numbers(joined)]


def _whole_numbers(texts: str) -> list[int]:
    """Read the numbers between the commas as whole numbers, without their points."""
    digits = texts.replace(".", "")
    if digits[0] == "0" or ",0" in digits:  # JSON allows no leading zero
        return list(map(int, digits.split(",")))
    return _INTEGERS.decode(f"[{digits}]")  # in less than half of the time


@cache
def _amounts_with(places: int) -> re.Pattern[str]:
    """Return a pattern of amounts that fit decimal(28,10), with so many decimal places."""
    if not 0 < places <= SCALE:
        raise ValueError(f"an amount has {places} decimal places")
    amount = rf"\d{{1,{PRECISION - SCALE}}}\.\d{{{places}}}"
    return re.compile(rf"{amount}(?:,{amount})*", re.ASCII)


def _micros(texts: Sequence[str]) -> list[int]:
    """Read unix seconds as microseconds; digits below are cut off."""
    if not _TIMES.fullmatch(",".join(texts)):
        raise ValueError("not every time is digits around a point")
    micros = _whole_numbers(",".join([(text + "00000")[:_TO_MICROS] for text in texts]))
    if not _EARLIEST_MICROS <= min(micros) <= max(micros) < _LATEST_MICROS:
        raise ValueError("not every time is between 2011 and 2100")
    return micros
