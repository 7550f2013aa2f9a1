from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.model.units import amount_of, field, micros_of, moment_of, units_of

AT = datetime(2025, 11, 10, 17, 23, 53, 971744, tzinfo=UTC)


@given(st.integers(min_value=-(10**28) + 1, max_value=10**28 - 1))
def test_every_storable_amount_comes_back(units: int) -> None:
    """Every decimal(28,10) is shown with ten decimal places, and read as the same units."""
    amount = amount_of(units)
    assert amount.as_tuple().exponent == -10
    assert units_of(amount) == units


@pytest.mark.parametrize("text", ["1.500000000000", "15E-1", "1.5"])
def test_one_number_has_one_form(text: str) -> None:
    """However many zeros or whichever exponent it came with."""
    assert units_of(Decimal(text)) == 15_000_000_000


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "0.00000000001",  # eleven places
        "1.2345678901" + "0" * 30 + "1",  # a digit far below, behind zeros
        "1000000000000000000",  # nineteen digits before the point
        "1E+18",
        "1E+999999",
        "1E-999999",
    ],
)
def test_an_amount_that_cannot_be_stored_is_refused(text: str) -> None:
    """Nothing is rounded, clipped or let through to fail in the encoder."""
    with pytest.raises(ValueError, match=r"does not fit decimal\(28,10\) exactly"):
        units_of(Decimal(text))


@pytest.mark.parametrize("value", [105433.6, "105433.6", 105433])
def test_an_amount_is_a_decimal_or_nothing(value: object) -> None:
    """A float is refused even if it would convert exactly."""
    with pytest.raises(ValueError, match="no Decimal"):
        units_of(value)  # type: ignore[arg-type]  # the very thing that must fail


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_moment_comes_back(moment: datetime) -> None:
    """To the microsecond, from the year 1 to 9999."""
    assert moment_of(micros_of(moment)) == moment


def test_a_moment_of_another_zone_is_the_same_instant() -> None:
    """The time is in UTC."""
    there = AT.astimezone(timezone(timedelta(hours=-5)))
    assert moment_of(micros_of(there)).isoformat() == AT.isoformat()


def test_a_moment_without_a_zone_is_refused() -> None:
    """The zone is not guessed."""
    with pytest.raises(ValueError, match="names no time zone"):
        micros_of(AT.replace(tzinfo=None))


def test_a_field_that_cannot_be_read_is_named() -> None:
    """So that a reader of the message knows where to look."""
    assert field("price", units_of, Decimal(1)) == 10**10
    with pytest.raises(ValueError, match="price: does not fit"):
        field("price", units_of, Decimal("1e-11"))
