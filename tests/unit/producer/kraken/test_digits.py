from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.kraken.digits import read_decimal, read_integer, read_micros, read_units

SECONDS_2011 = 1293840000
SECONDS_2100 = 4102444800


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_comes_back_with_every_digit(value: Decimal) -> None:
    """Any finite decimal, written out or with an exponent, is read as the same digits."""
    assert read_decimal(str(value)).as_tuple() == value.as_tuple()


@pytest.mark.parametrize(
    "value",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "",
        " 1",
        "1 ",
        "1_000",
        "+1",
        ".5",
        "5.",
        "0x10",
        "\uff11",  # a full-width one
        "1,5",
        "1e",
        None,
        True,
        [],
        1.5,
    ],
)
def test_what_json_does_not_call_a_number_is_refused(value: object) -> None:
    """Python's own extras, blanks, signs and other scripts' digits are no numbers."""
    with pytest.raises(ValueError, match="is no number"):
        read_decimal(value)


def test_an_exponent_beyond_all_bounds_is_refused() -> None:
    """What no decimal can hold is an error of ours, not one of the decimal module's."""
    with pytest.raises(ValueError, match="out of range"):
        read_decimal("1e99999999999999999999")


def test_an_endless_number_is_cut_in_the_message() -> None:
    """The reason stays short, however long the number."""
    with pytest.raises(ValueError, match="is no whole number") as caught:
        read_integer("9" * 5000)
    assert len(str(caught.value)) < 100


@given(st.integers(min_value=-(10**20) + 1, max_value=10**20 - 1))
def test_a_whole_number_comes_back(value: int) -> None:
    """Up to twenty digits, as text and as a number."""
    assert read_integer(str(value)) == value
    assert read_integer(value) == value


@given(
    st.decimals(min_value=-(10**18) + 1, max_value=10**18 - 1, places=10),
    st.sampled_from(["{:f}", "{:e}", "{:.10f}000"]),
)
def test_an_amount_is_read_to_the_last_place(amount: Decimal, form: str) -> None:
    """Any notation of a number gives the same count of units of 10^-10."""
    assert read_units(form.format(amount)) == int(amount.scaleb(10))


@pytest.mark.parametrize("text", ["5.", ".5", "5.5.5", "5,5", "+5.5", "5.5 ", "5_0.5", "²5.5", "."])
def test_what_only_looks_like_an_amount_is_refused(text: str) -> None:
    """Digits around one point and nothing else, as JSON has it."""
    with pytest.raises(ValueError, match="is no number"):
        read_units(text)


@pytest.mark.parametrize("text", ["0.00000000001", "1000000000000000000.0", "1e18"])
def test_an_amount_that_cannot_be_stored_is_refused(text: str) -> None:
    """A digit too many before the point or behind it is not cut off."""
    with pytest.raises(ValueError, match="does not fit"):
        read_units(text)


@pytest.mark.parametrize("value", ["1.0", "1e3", "", "x", None, True, 5.0, 10**20])
def test_a_whole_number_is_nothing_else(value: object) -> None:
    """No fraction, no exponent, no other type."""
    with pytest.raises(ValueError, match="is no whole number"):
        read_integer(value)


@given(
    st.integers(min_value=SECONDS_2011, max_value=SECONDS_2100 - 1),
    st.text("0123456789", min_size=0, max_size=20),
)
def test_a_time_is_cut_at_the_microsecond(seconds: int, fraction: str) -> None:
    """The result is the greatest whole microsecond that is not after the time sent."""
    text = f"{seconds}.{fraction}" if fraction else str(seconds)
    micros = read_micros(text)
    assert micros <= Fraction(text) * 10**6 < micros + 1


def test_a_time_is_never_rounded_into_the_next_day() -> None:
    """The last tenth of a microsecond before midnight still lies before midnight."""
    assert read_micros("1762819199.9999999") == 1762819199_999999


@given(
    st.decimals(min_value=SECONDS_2011, max_value=SECONDS_2100 - 1, places=9),
    st.sampled_from(["{:f}", "{:e}"]),
)
def test_one_time_has_many_forms(seconds: Decimal, form: str) -> None:
    """Written out or with an exponent, the microsecond is the same."""
    assert read_micros(form.format(seconds)) == int(seconds * 10**6)


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-1",
        "1293839999.9999999",
        "4102444800",
        "1762795433971",
        "1762795433971744500",
        "1e300",
    ],
)
def test_a_time_out_of_range_is_refused(text: str) -> None:
    """Before Kraken was founded, after 2100, or in milliseconds or nanoseconds."""
    with pytest.raises(ValueError, match="between 2011 and 2100"):
        read_micros(text)
