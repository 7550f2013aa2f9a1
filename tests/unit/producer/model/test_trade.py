import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

import schemas
from producer.model.trade import OrderType, Side, Trade
from producer.model.units import amount_of

AT = datetime(2025, 11, 10, 17, 23, 53, 971744, tzinfo=UTC)
GIVEN = {
    "exchange": "KRAKEN",
    "symbol": "BTC/USDT",
    "trade_id": 10218208,
    "price": Decimal("105433.60000"),
    "volume": Decimal("0.00027625"),
    "side": Side.BUY,
    "order_type": OrderType.LIMIT,
    "misc": "",
    "executed_at": AT,
    "ingested_at": AT,
}
TRADE = Trade.of(**GIVEN)


def changed(**fields: object) -> Trade:
    """The same trade with other values, checked like a new one."""
    return Trade.of(**GIVEN | fields)


def test_fields_are_those_of_the_first_schema_in_its_order() -> None:
    """Names and order equal the released schema's, but for the units of what is counted."""
    schema = json.loads((Path(schemas.__file__).parent / "trade" / "v1.avsc").read_text())
    named = [field["name"] for field in schema["fields"]]
    fields = [
        field.removesuffix("_units").replace("_micros", "_at") for field in Trade.__struct_fields__
    ]
    assert fields[: len(named)] == named


def test_is_frozen() -> None:
    """A trade cannot be changed."""
    with pytest.raises(AttributeError, match="immutable"):
        TRADE.price_units = 1  # type: ignore[misc]  # the very thing that must fail


@given(st.integers(min_value=1, max_value=10**28 - 1))
def test_every_storable_amount_is_kept_to_the_digit(units: int) -> None:
    """All of decimal(28,10) above zero goes in and comes out equal, at ten decimal places."""
    trade = changed(price=amount_of(units), volume=amount_of(units))
    assert (trade.price, trade.volume) == (amount_of(units), amount_of(units))
    assert (trade.price_units, trade.volume_units) == (units, units)


def test_what_goes_in_comes_out() -> None:
    """Decimals and times, whole, whichever way it was made."""
    assert {name: getattr(TRADE, name) for name in GIVEN} == GIVEN
    assert replace(TRADE) == TRADE


@pytest.mark.parametrize("text", ["0", "-0", "-1", "NaN", "0.00000000001", "1E+18"])
@pytest.mark.parametrize("field", ["price", "volume"])
def test_an_amount_that_nothing_is_traded_for_is_refused(field: str, text: str) -> None:
    """Zero, less, and what cannot be stored."""
    with pytest.raises(ValueError, match=field):
        changed(**{field: Decimal(text)})


@pytest.mark.parametrize("units", [0, -1, 10**28])
@pytest.mark.parametrize("field", ["price_units", "volume_units"])
def test_units_are_checked_too(field: str, units: int) -> None:
    """Trades made from units are checked in the same way."""
    with pytest.raises(ValueError, match=field.removesuffix("_units")):
        replace(TRADE, **{field: units})


@pytest.mark.parametrize("value", [105433.6, "105433.6", 105433])
def test_a_price_is_a_decimal_or_nothing(value: object) -> None:
    """A float is refused even if it would convert exactly."""
    with pytest.raises(ValueError, match="price"):
        changed(price=value)


@pytest.mark.parametrize("value", [0, -1, 2**63, True, "10218208", 1.0])
def test_a_trade_id_is_a_positive_long(value: object) -> None:
    """What Avro's long cannot hold, or Kraken never counts, is refused."""
    with pytest.raises(ValueError, match="trade_id"):
        changed(trade_id=value)


def test_a_time_without_a_zone_is_refused() -> None:
    """The zone is not guessed."""
    with pytest.raises(ValueError, match="executed_at"):
        changed(executed_at=AT.replace(tzinfo=None))


@pytest.mark.parametrize("field", ["executed_micros", "ingested_micros"])
@pytest.mark.parametrize("micros", [-(10**17), 10**18])
def test_a_time_that_no_calendar_has_is_refused(field: str, micros: int) -> None:
    """Nanoseconds that were taken for microseconds, say."""
    with pytest.raises(ValueError, match=field.replace("micros", "at")):
        replace(TRADE, **{field: micros})


@pytest.mark.parametrize("field", ["exchange", "symbol"])
def test_names_are_not_empty(field: str) -> None:
    """An empty symbol would make a key and a folder without a name."""
    with pytest.raises(ValueError, match=field):
        changed(**{field: ""})


def test_a_remark_may_be_in_any_script() -> None:
    """As long as UTF-8 can hold it, which half of a surrogate pair is not."""
    assert changed(misc="é€₿").misc == "é€₿"
    with pytest.raises(ValueError, match=r"misc: .* is no Unicode text"):
        changed(misc="\ud800")


def test_every_fault_is_named() -> None:
    """A message about only one of two faults would need two attempts."""
    with pytest.raises(ValueError, match=r"price: .*; volume: "):
        replace(TRADE, price_units=0, volume_units=0)
