"""From the text of a number to the number: exact, or refused with the reason."""

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Context, Decimal, InvalidOperation
from typing import Final

_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_INTEGER: Final = re.compile(r"-?\d{1,20}", re.ASCII)
_SHOWN: Final = 40

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST: Final = Decimal(int(datetime(2011, 1, 1, tzinfo=UTC).timestamp()))
"""Kraken was founded in 2011: an earlier time is a wrong one."""
_LATEST: Final = Decimal(int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()))
"""A later time is most likely in another unit than seconds."""
_MICROSECOND: Final = Decimal("0.000001")
_WIDE: Final = Context(prec=64)


def read_decimal(value: object) -> Decimal:
    """Reads a decimal number as JSON writes it. Python's own extras, such as `NaN`, are none.

    Raises:
        ValueError: The value is no such text.
    """
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise ValueError(f"{_shown(value)} is no number")
    try:
        return Decimal(value)
    except InvalidOperation as exc:
        raise ValueError(f"{_shown(value)} is out of range") from exc


def read_integer(value: object) -> int:
    """Reads a whole number.

    Raises:
        ValueError: The value is no text of a whole number, or has more than 20 digits.
    """
    if not isinstance(value, str) or not _INTEGER.fullmatch(value):
        raise ValueError(f"{_shown(value)} is no whole number in range")
    return int(value)


def read_time(value: object) -> datetime:
    """Reads unix seconds, such as `1762795433.9717445`, into a UTC time in microseconds.

    What is below the microsecond is cut off, never rounded up: a trade stays in the second,
    hour and day in which Kraken says that it happened. Kraken's seventh digit is no more than
    a rounded float's; the exact nanosecond is only in a page's `last`.

    Raises:
        ValueError: The value is no number, or not between 2011 and 2100.
    """
    seconds = read_decimal(value)
    if not _EARLIEST <= seconds < _LATEST:
        raise ValueError(f"{_shown(value)} is no unix time in seconds between 2011 and 2100")
    whole = seconds.quantize(_MICROSECOND, rounding=ROUND_FLOOR, context=_WIDE)
    return _EPOCH + timedelta(microseconds=int(whole.scaleb(6)))


def _shown(value: object) -> str:
    """The value as an error message shows it: quoted, and cut if endless."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
