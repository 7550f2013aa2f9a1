import json
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from producer.kraken.rest.row import Origin, read_row
from producer.kraken.websocket.entries import read_entry, read_trades
from producer.kraken.websocket.messages import Entries, read_message
from producer.model.trade import Feed, OrderType, Side, Trade
from producer.model.units import micros_of
from tests.unit.producer.kraken.websocket.conftest import BTC, ENTRY, ETH, UPDATE

RECEIVED_AT = datetime(2026, 9, 14, 18, 32, 27, 500000, tzinfo=UTC)
FIELDS = json.loads(ENTRY, parse_float=str, parse_int=str)


def read(entry: dict[str, object]) -> Trade:
    """Read an entry with fixed surroundings."""
    return read_entry(entry, exchange="KRAKEN", symbol="BTC/USD", received_at=RECEIVED_AT)


def entries(frame: str) -> Entries:
    """The message in a frame of trades."""
    message = read_message(frame)
    assert isinstance(message, Entries)
    return message


def test_an_entry_becomes_a_trade() -> None:
    """Field for field, no digit lost."""
    assert read(FIELDS) == Trade.of(
        exchange="KRAKEN",
        symbol="BTC/USD",
        trade_id=107725591,
        price=Decimal("79192.9"),
        volume=Decimal("0.001"),
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        misc="",
        executed_at=datetime(2026, 9, 14, 18, 32, 27, 420924, tzinfo=UTC),
        ingested_at=RECEIVED_AT,
        feed=Feed.WEBSOCKET,
    )


def test_rest_and_websocket_tell_of_the_same_trade() -> None:
    """All is equal but for the feed and the time of ingestion."""
    row = ["79192.90000", "0.00100000", "1789410747.4209245", "b", "l", "", "107725591"]
    by_rest = read_row(row, Origin("KRAKEN", "BTC/USD", micros_of(RECEIVED_AT)))
    assert replace(by_rest, feed=Feed.WEBSOCKET) == read(FIELDS)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12345678901234567.1234567891", "12345678901234567.1234567891"),
        ("1e-10", "0.0000000001"),
        ("1.5E3", "1500"),
    ],
)
def test_no_number_passes_through_a_float(text: str, number: str) -> None:
    """Also where a float would have given another one."""
    frame = UPDATE.replace("0.00047353", text)
    (arrival,) = read_trades(
        entries(frame), {"BTC/USD": BTC}, exchange="KRAKEN", received_at=RECEIVED_AT
    )
    assert arrival.trades[0].volume == Decimal(number)


@pytest.mark.parametrize("field", ["side", "ord_type"])
def test_a_word_that_kraken_has_not_used_before_loses_no_trade(field: str) -> None:
    """It is recorded as unknown."""
    trade = read(FIELDS | {field: "iceberg"})
    assert "UNKNOWN" in (trade.side, trade.order_type)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("price", "NaN", "price: 'NaN' is no number"),
        ("price", None, "price: None is no number"),
        ("price", "0", "price: 0.* is not greater than 0"),
        ("qty", "0.12345678901", r"volume: .*decimal\(28,10\)"),
        ("trade_id", "1.5", "trade_id: '1.5' is no whole number"),
        ("timestamp", "1789410747.42", "timestamp: .* is no time"),
        ("timestamp", "2026-09-14T18:32:27.420924", "timestamp: .* is no time"),
        ("timestamp", "2026-13-14T18:32:27Z", "timestamp: month"),
        ("timestamp", "1970-01-01T00:00:00Z", "timestamp: .* is not between 2011 and 2100"),
    ],
)
def test_what_is_no_trade_is_reported(field: str, value: object, reason: str) -> None:
    """By field and fault."""
    with pytest.raises(ValueError, match=reason):
        read(FIELDS | {field: value})


@given(st.dictionaries(st.sampled_from([*FIELDS]), st.none() | st.text() | st.booleans()))
def test_no_value_does_more_harm_than_that(changed: dict[str, object]) -> None:
    """Whatever a field holds, it is a trade or a ValueError."""
    with suppress(ValueError):
        assert read(FIELDS | changed).symbol == "BTC/USD"


def test_trades_are_given_to_their_pairs() -> None:
    """Under the symbol to record; those of other pairs are left out."""
    frame = UPDATE.replace("BTC/USD", "ETH/USD", 1)
    (arrival,) = read_trades(
        entries(frame), {"ETH/USD": ETH}, exchange="KRAKEN", received_at=RECEIVED_AT
    )
    assert arrival.pair == ETH
    assert [(trade.symbol, trade.trade_id) for trade in arrival.trades] == [("ETH/USD", 107725595)]


def test_one_bad_entry_does_not_hide_the_others() -> None:
    """It is reported beside them."""
    frame = UPDATE.replace('"price":79192.8', '"price":-1', 1)
    (arrival,) = read_trades(
        entries(frame), {"BTC/USD": BTC}, exchange="KRAKEN", received_at=RECEIVED_AT
    )
    assert [trade.trade_id for trade in arrival.trades] == [107725596]
    (fault,) = arrival.faults
    assert fault.startswith("price: ")
