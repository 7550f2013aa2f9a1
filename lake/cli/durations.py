"""Spans of time as options of the commands."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import typer

__all__ = ["duration"]

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> timedelta:
    """Return a span of time: 90 minutes, 2 hours, 1 day, or 90d.

    Raises:
        typer.BadParameter: The text is none.
    """
    match = re.fullmatch(r"(\d+) ?(second|minute|hour|day)s?|(\d+)([smhd])", text.strip())
    if match is None:
        raise typer.BadParameter(f"{text!r} is no duration such as 90 minutes, 2 hours or 1 day")
    number, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
    try:
        found = timedelta(**{_UNITS[unit[0]]: int(number)})
        # This raises, too, if there was no such time.
        datetime.now(UTC) - found
    except OverflowError:
        raise typer.BadParameter(f"{text!r} is longer than any lake is old") from None
    return found
