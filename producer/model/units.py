"""The platform's units: amounts in units of 10^-10, times in microseconds, both whole numbers.

That is what Avro's decimal(28,10) and timestamp-micros hold, so nothing has to be converted on
the way to Kafka, and nothing can be rounded.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from typing import Final, TypeVar

__all__ = ["PRECISION", "SCALE", "amount_of", "field", "micros_of", "moment_of", "units_of"]

S = TypeVar("S")
T = TypeVar("T")

PRECISION: Final = 28
SCALE: Final = 10
_STORED_STEP: Final = Decimal(1).scaleb(-SCALE)
_EXACT: Final = Context(prec=PRECISION, traps=[Inexact, InvalidOperation])
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def units_of(amount: Decimal) -> int:
    """Return the amount in units of 10^-10, as `decimal(28,10)` stores it.

    Raises:
        ValueError: It is no Decimal, or needs more than 18 digits before the point or 10 after it.
    """
    if not isinstance(amount, Decimal):
        raise ValueError(f"{amount!r} is no Decimal")  # noqa: TRY004  one error type for a bad value
    try:
        return int(amount.quantize(_STORED_STEP, context=_EXACT).scaleb(SCALE, context=_EXACT))
    except (DecimalException, ValueError) as error:  # a quiet NaN gets as far as int()
        raise ValueError(f"does not fit decimal({PRECISION},{SCALE}) exactly") from error


def amount_of(units: int) -> Decimal:
    """Return the number of so many units of 10^-10, with ten decimal places."""
    return Decimal(units).scaleb(-SCALE, context=_EXACT)


def micros_of(moment: datetime) -> int:
    """Return the microseconds since 1970, UTC, of a time.

    Raises:
        ValueError: The time has no zone.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"{moment} names no time zone")
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(micros: int) -> datetime:
    """Return the time, in UTC, of so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=micros)


def field(name: str, read: Callable[[S], T], value: S) -> T:
    """Read the value of one field, and name the field in the error if that fails.

    Raises:
        ValueError: As for `read`.
    """
    try:
        return read(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
