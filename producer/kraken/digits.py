"""Read numbers of Kraken's JSON into the whole numbers to record: exactly, or not at all.

`json_text` returns a number as its original text, or a whole number as int.
"""

import re
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Context, Decimal, InvalidOperation
from typing import Final

from producer.model.units import units_of

__all__ = [
    "EARLIEST",
    "LATEST",
    "read_decimal",
    "read_integer",
    "read_micros",
    "read_units",
]
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_INTEGER: Final = re.compile(r"-?\d{1,20}", re.ASCII)
_LARGEST: Final = 10**20 - 1
_SHOWN: Final = 40

EARLIEST: Final = int(datetime(2011, 1, 1, tzinfo=UTC).timestamp())
"""In unix seconds. Kraken was founded in 2011: an earlier time is wrong."""
LATEST: Final = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
"""In unix seconds. A later time is most likely in another unit than seconds."""
_MICROSECOND: Final = Decimal("0.000001")
_MICRO_PLACES: Final = 6
_WIDE: Final = Context(prec=64)


def read_decimal(value: object) -> Decimal:
    """Read a decimal number as JSON writes it; Python's extensions, such as `NaN`, are refused.

    Raises:
        ValueError: The value is no such number.
    """
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        raise ValueError(f"{_shown(value)} is no number")
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{_shown(value)} is out of range") from error


def read_units(value: object) -> int:
    """Read an amount, such as `105433.60000`, into units of 10^-10.

    Raises:
        ValueError: The value is no number, or does not fit decimal(28,10).
    """
    return units_of(read_decimal(value))


def read_integer(value: object) -> int:
    """Read a whole number.

    Raises:
        ValueError: The value is no whole number, or has more than 20 digits.
    """
    if type(value) is int and -_LARGEST <= value <= _LARGEST:
        return value
    if not isinstance(value, str) or not _INTEGER.fullmatch(value):
        raise ValueError(f"{_shown(value)} is no whole number in range")
    return int(value)


def read_micros(value: object) -> int:
    """Read unix seconds, such as `1762795433.9717445`, into microseconds.

    Digits below the microsecond are cut off, never rounded up: a trade stays in the second, hour
    and day in which Kraken says that it happened. Kraken's seventh digit is only that of a rounded
    float; the exact nanosecond is only in a page's `last`.

    Raises:
        ValueError: The value is no number, or not between 2011 and 2100.
    """
    seconds = read_decimal(value)
    if not EARLIEST <= seconds < LATEST:
        raise ValueError(f"{_shown(value)} is no unix time in seconds between 2011 and 2100")
    cut = seconds.quantize(_MICROSECOND, rounding=ROUND_FLOOR, context=_WIDE)
    return int(cut.scaleb(_MICRO_PLACES))


def _shown(value: object) -> str:
    """Return the value as an error message shows it: quoted, and cut if it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
