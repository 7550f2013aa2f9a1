from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.kraken.rest.row import Origin, read_row, read_trade_id
from producer.model.trade import Feed, OrderType, Side, Trade
from producer.model.units import micros_of

INGESTED_AT = datetime(2026, 11, 24, tzinfo=UTC)
ROW = ("105433.60000", "0.00027625", "1762795433.9717445", "b", "l", "", "10218208")
PRICE, VOLUME, TIME, SIDE, ORDER_TYPE, MISC, TRADE_ID = range(7)

json_leaves = st.none() | st.booleans() | st.text() | st.lists(st.text(), max_size=2)


def read(row: list[object]) -> Trade:
    """Read a row with fixed surroundings."""
    return read_row(row, Origin("KRAKEN", "BTC/USDT", micros_of(INGESTED_AT)))


def changed(field: int, value: object) -> list[object]:
    """The recorded row with one field changed."""
    row: list[object] = [*ROW]
    row[field] = value
    return row


def test_a_recorded_row_becomes_a_trade() -> None:
    """The first row of the recorded page, field for field."""
    assert read([*ROW]) == Trade.of(
        exchange="KRAKEN",
        symbol="BTC/USDT",
        trade_id=10218208,
        price=Decimal("105433.6"),
        volume=Decimal("0.00027625"),
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        misc="",
        executed_at=datetime(2025, 11, 10, 17, 23, 53, 971744, tzinfo=UTC),
        ingested_at=INGESTED_AT,
        feed=Feed.REST,
    )


@pytest.mark.parametrize(
    ("letter", "side"),
    [
        ("b", Side.BUY),
        ("s", Side.SELL),
        ("x", Side.UNKNOWN),
        ("", Side.UNKNOWN),
        (None, Side.UNKNOWN),
        (["b"], Side.UNKNOWN),
    ],
)
def test_the_side_is_a_letter(letter: object, side: Side) -> None:
    """A letter that Kraken has not used before loses no trade."""
    assert read(changed(SIDE, letter)).side is side


@pytest.mark.parametrize(
    ("letter", "order_type"),
    [("m", OrderType.MARKET), ("l", OrderType.LIMIT), ("q", OrderType.UNKNOWN)],
)
def test_the_order_type_is_a_letter(letter: str, order_type: OrderType) -> None:
    """A letter that Kraken has not used before loses no trade."""
    assert read(changed(ORDER_TYPE, letter)).order_type is order_type


def test_an_eighth_field_is_left_alone() -> None:
    """Rows have grown before."""
    assert read([*ROW, "new"]) == read([*ROW])


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        (PRICE, "NaN", "price: 'NaN' is no number"),
        (PRICE, "Infinity", "price: 'Infinity' is no number"),
        (PRICE, None, "price: None is no number"),
        (PRICE, "0.0", "price: .*greater than 0"),
        (PRICE, "-105433.6", "price: .*greater than 0"),
        (PRICE, "1e30", r"price: .*does not fit decimal\(28,10\)"),
        (VOLUME, "0.00000000001", r"volume: .*does not fit decimal\(28,10\)"),
        (VOLUME, "-1", "volume: .*greater than 0"),
        (TIME, "0", "time: '0' is no unix time"),
        (TIME, "1762795433971", "time: .*no unix time in seconds"),
        (TIME, "soon", "time: 'soon' is no number"),
        (MISC, ["x"], "misc: .* is no text"),
        (MISC, "\ud800", "misc: .* is no Unicode text"),
        (TRADE_ID, None, "trade_id: None is no whole number"),
        (TRADE_ID, "1.5", "trade_id: '1.5' is no whole number"),
        (TRADE_ID, "0", "trade_id: .*greater than or equal to 1"),
        (TRADE_ID, "9223372036854775808", "trade_id: .*less than or equal to"),
    ],
)
def test_a_row_that_is_no_trade_says_why(field: int, value: object, reason: str) -> None:
    """The reason names the field and what is wrong with it."""
    with pytest.raises(ValueError, match=reason):
        read(changed(field, value))


def test_every_fault_that_the_model_finds_is_named() -> None:
    """Two bad numbers give two reasons."""
    row = changed(PRICE, "-1")
    row[VOLUME] = "0"
    with pytest.raises(ValueError, match=r"price: .*; volume: "):
        read(row)


@given(st.lists(json_leaves, min_size=7, max_size=9))
def test_any_row_is_a_trade_or_a_value_error(row: list[object]) -> None:
    """Whatever the fields hold, no other error is raised."""
    with pytest.raises(ValueError, match=": "):
        read(row)


@pytest.mark.parametrize(("value", "trade_id"), [("7", 7), ("-7", -7), (None, None), ("x", None)])
def test_a_rejected_rows_id_is_kept_where_it_has_one(value: object, trade_id: int | None) -> None:
    """So that a reader of the dead letters can look the trade up."""
    assert read_trade_id(changed(TRADE_ID, value)) == trade_id
