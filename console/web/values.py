"""How the pages write numbers, times and bytes."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from lake.read.far_time import FarTime

__all__ = ["age", "amount", "moment", "percent", "printable", "size", "text_of"]

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400
_SHOWN_BYTES: Final = 256


def age(span: timedelta | float | None) -> str:
    """Return a duration in its largest fitting unit: `0.4 s`, `12 s`, `3 min`, `5 h`, `12 d`."""
    if span is None:
        return "—"
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    seconds = max(0.0, seconds)
    if seconds < 10:  # noqa: PLR2004 - below, a tenth of a second says something
        return f"{seconds:.1f} s"
    for limit, unit, name in ((_MINUTE * 2, 1, "s"), (_HOUR * 2, _MINUTE, "min")):
        if seconds < limit:
            return f"{seconds / unit:.0f} {name}"
    if seconds < _DAY * 2:
        return f"{seconds / _HOUR:.0f} h"
    return f"{seconds / _DAY:.0f} d"


def amount(value: Decimal | float | None) -> str:
    """Return a number without trailing zeros, with thin groups of thousands."""
    if value is None:
        return "—"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"  # noqa: PLR2004
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def moment(value: datetime | FarTime | None) -> str:
    """Return a time, UTC, to the second."""
    return "—" if value is None else f"{value:%Y-%m-%d %H:%M:%S}"


def size(count: int) -> str:
    """Return a number of bytes in a unit that fits."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:  # noqa: PLR2004 - SI units
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def percent(part: Decimal, whole: Decimal) -> float:
    """Return a part in percent, to one decimal; 0 of nothing."""
    return round(float(part / whole * 100), 1) if whole else 0.0


def printable(raw: bytes | None) -> str:
    """Return bytes as hexadecimal pairs, the first 256 of them."""
    if raw is None:
        return "null"
    shown = raw[:_SHOWN_BYTES].hex(" ")
    return f"{shown} … ({len(raw)} bytes)" if len(raw) > _SHOWN_BYTES else shown


def text_of(raw: bytes | None) -> str:
    """Return bytes as text: printable ASCII as it is, every other byte as a dot."""
    if raw is None:
        return ""
    return "".join(chr(one) if 32 <= one < 127 else "·" for one in raw[:_SHOWN_BYTES])  # noqa: PLR2004
