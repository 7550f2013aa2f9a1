import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import schemas
from producer.trade import OrderType, Side, Trade, at_stored_scale

AT = datetime(2025, 11, 10, 17, 23, 53, 971744, tzinfo=UTC)
TRADE = Trade(
    exchange="KRAKEN",
    symbol="BTC/USDT",
    trade_id=10218208,
    price=Decimal("105433.60000"),
    volume=Decimal("0.00027625"),
    side=Side.BUY,
    order_type=OrderType.LIMIT,
    misc="",
    executed_at=AT,
    ingested_at=AT,
)

stored_decimals = st.integers(min_value=1, max_value=10**28 - 1).map(
    lambda unscaled: Decimal(unscaled).scaleb(-10)
)


def changed(**fields: object) -> Trade:
    """The same trade with other values, checked like a new one."""
    return Trade.model_validate(dict(TRADE) | fields)


def test_fields_are_those_of_the_first_schema_in_its_order() -> None:
    """Names and order equal the released schema's."""
    schema = json.loads((Path(schemas.__file__).parent / "trade" / "v1.avsc").read_text())
    named = [field["name"] for field in schema["fields"]]
    assert list(Trade.model_fields)[: len(named)] == named


def test_is_frozen() -> None:
    """A trade cannot be changed."""
    with pytest.raises(ValidationError, match="frozen"):
        TRADE.price = Decimal(1)  # type: ignore[misc]  # the very thing that must fail


@given(stored_decimals)
def test_every_storable_amount_is_kept_to_the_digit(amount: Decimal) -> None:
    """All of decimal(28,10) above zero goes in and comes out equal, at ten decimal places."""
    kept = changed(price=amount).price
    assert kept == amount
    assert kept.as_tuple().exponent == -10


@pytest.mark.parametrize("text", ["1.500000000000", "15E-1", "1.5"])
def test_one_number_has_one_form(text: str) -> None:
    """However many zeros or whichever exponent it came with."""
    assert str(changed(volume=Decimal(text)).volume) == "1.5000000000"


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-0",
        "-1",
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
@pytest.mark.parametrize("field", ["price", "volume"])
def test_an_amount_that_cannot_be_stored_is_refused(field: str, text: str) -> None:
    """Nothing is rounded, clipped or let through to fail in the encoder."""
    with pytest.raises(ValidationError, match=field):
        changed(**{field: Decimal(text)})


def test_the_largest_amounts_are_stored() -> None:
    """Eighteen digits before the point and ten behind it, both used up."""
    largest = Decimal("999999999999999999.9999999999")
    assert at_stored_scale(largest) == largest


@pytest.mark.parametrize("value", [105433.6, "105433.6", 105433])
def test_a_price_is_a_decimal_or_nothing(value: object) -> None:
    """A float is refused even where it would convert, so that none can slip in."""
    with pytest.raises(ValidationError, match="price"):
        changed(price=value)


@pytest.mark.parametrize("value", [0, -1, 2**63, True, "10218208", 1.0])
def test_a_trade_id_is_a_positive_long(value: object) -> None:
    """What Avro's long cannot hold, or Kraken never counts, is refused."""
    with pytest.raises(ValidationError, match="trade_id"):
        changed(trade_id=value)


def test_a_time_is_told_in_utc() -> None:
    """Another zone's time becomes the same instant in UTC."""
    there = AT.astimezone(timezone(timedelta(hours=-5)))
    assert changed(executed_at=there).executed_at.isoformat() == AT.isoformat()


def test_a_time_without_a_zone_is_refused() -> None:
    """Nobody guesses which zone was meant."""
    with pytest.raises(ValidationError, match="executed_at"):
        changed(executed_at=AT.replace(tzinfo=None))


@pytest.mark.parametrize("field", ["exchange", "symbol"])
def test_names_are_not_empty(field: str) -> None:
    """An empty symbol would make a key and a folder without a name."""
    with pytest.raises(ValidationError, match=field):
        changed(**{field: ""})
