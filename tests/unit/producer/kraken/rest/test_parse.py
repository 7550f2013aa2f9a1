import json
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.kraken.pairs import KrakenPair
from producer.kraken.rest.parse import parse_trades_page
from producer.model.page import TradesPage
from producer.model.venue_errors import AnswerMalformed, UnknownPair, UnknownRowShape

GOOD = '["1.5","2",1762795433.9717445,"b","l","",7]'
BAD = '[ "NaN", "2",\t1762795433.9717445, "b","l", "\\u00e9", 8 ]'


@pytest.fixture
def page(trades_body: bytes, pair: KrakenPair, ingested_at: datetime) -> TradesPage:
    """The recorded page, parsed."""
    return parse_trades_page(trades_body, pair=pair, exchange="KRAKEN", ingested_at=ingested_at)


def parse(body: str, pair: KrakenPair, ingested_at: datetime) -> TradesPage:
    """Parse a page of the recorded pair."""
    return parse_trades_page(body, pair=pair, exchange="KRAKEN", ingested_at=ingested_at)


def body_of(*rows: str) -> str:
    """A Trades answer that holds these rows."""
    return f'{{"error":[],"result":{{"XBTUSDT":[{",".join(rows)}],"last":"17"}}}}'


def test_the_recorded_page_is_read_whole(page: TradesPage) -> None:
    """1000 trades, ids without a gap, the cursor as the text that was sent."""
    assert page.rows == 1000
    assert page.is_full
    assert page.rejected == ()
    assert page.last == "1762820035982277754"
    assert [trade.trade_id for trade in page.trades] == list(range(10218208, 10219208))


def test_all_recorded_trades_are_exact(
    page: TradesPage, trades_body: bytes, ingested_at: datetime
) -> None:
    """Each of the 1000 rows equals what the standard library reads without a float."""
    rows = json.loads(trades_body, parse_float=str)["result"]["XBTUSDT"]
    sides, order_types = {"b": "BUY", "s": "SELL"}, {"m": "MARKET", "l": "LIMIT"}
    assert len(rows) == len(page.trades)
    for (price, volume, time, side, order_type, misc, trade_id), trade in zip(
        rows, page.trades, strict=True
    ):
        seconds, _, fraction = time.partition(".")
        micros = int(seconds) * 10**6 + int(fraction.ljust(6, "0")[:6])
        since_epoch = trade.executed_at - datetime.fromisoformat("1970-01-01T00:00:00+00:00")
        assert trade.exchange == "KRAKEN"
        assert trade.symbol == "BTC/USDT"
        assert trade.trade_id == trade_id
        assert trade.price == Decimal(price)
        assert trade.volume == Decimal(volume)
        assert trade.side == sides[side]
        assert trade.order_type == order_types[order_type]
        assert trade.misc == misc
        assert since_epoch // timedelta(microseconds=1) == micros
        assert trade.ingested_at == ingested_at


def test_the_symbol_is_the_pairs(trades_body: bytes, ingested_at: datetime) -> None:
    """Whatever label the pair carries ends up in its trades."""
    labelled = KrakenPair("XBTUSDT", "XBT/USDT", "XBTUSDT", "BTC_USDT")
    page = parse_trades_page(trades_body, pair=labelled, exchange="X", ingested_at=ingested_at)
    assert {(trade.exchange, trade.symbol) for trade in page.trades} == {("X", "BTC_USDT")}


def test_a_row_of_six_fields_is_an_error_that_names_it(
    six_field_body: bytes, ingested_at: datetime
) -> None:
    """The form before trade_id cannot be recorded: the error names pair, row number and row."""
    pair = KrakenPair("XXBTZUSD", "XBT/USD", "XBTUSD", "BTC/USD")
    with pytest.raises(UnknownRowShape, match=r"row 0 of Trades for XXBTZUSD .*1023\.82219"):
        parse_trades_page(six_field_body, pair=pair, exchange="KRAKEN", ingested_at=ingested_at)


@pytest.mark.parametrize("row", ["null", "{}", '"x"', "[]"])
def test_a_row_that_is_no_row_is_an_error(
    row: str, pair: KrakenPair, ingested_at: datetime
) -> None:
    """Its number shows which one it was."""
    with pytest.raises(UnknownRowShape, match="row 1 of Trades for XBTUSDT"):
        parse(body_of(GOOD, row), pair, ingested_at)


def test_a_bad_row_is_kept_byte_for_byte(pair: KrakenPair, ingested_at: datetime) -> None:
    """Its blanks, escapes and digits stay; its neighbours are trades as ever."""
    page = parse(body_of(GOOD, BAD, GOOD), pair, ingested_at)
    (rejected,) = page.rejected
    assert rejected.raw == BAD
    assert rejected.reason == "price: 'NaN' is no number"
    assert rejected.trade_id == 8
    assert [trade.trade_id for trade in page.trades] == [7, 7]
    assert page.rows == 3


def test_a_bare_nan_is_a_bad_row_and_no_bad_page(pair: KrakenPair, ingested_at: datetime) -> None:
    """A number that JSON does not have spoils its own row alone."""
    page = parse(body_of(GOOD, GOOD.replace("1762795433.9717445", "NaN")), pair, ingested_at)
    assert [rejected.reason for rejected in page.rejected] == ["time: 'NaN' is no number"]
    assert len(page.trades) == 1


def test_an_endless_number_is_a_bad_row(pair: KrakenPair, ingested_at: datetime) -> None:
    """More digits than Python turns into an int by default do no harm."""
    page = parse(body_of(GOOD.replace(",7]", f",{'7' * 5000}]")), pair, ingested_at)
    (rejected,) = page.rejected
    assert rejected.trade_id is None
    assert "7" * 5000 in rejected.raw


def test_nothing_new_is_an_empty_page(pair: KrakenPair, ingested_at: datetime) -> None:
    """The cursor that was sent comes back, and no trades with it."""
    page = parse(body_of(), pair, ingested_at)
    assert page == TradesPage((), (), "17", 0)
    assert not page.is_full


@pytest.mark.parametrize(
    "result",
    [
        "{}",
        '{"last":"17"}',
        '{"XBTUSDT":[]}',
        '{"XBTUSDT":[],"last":""}',
        '{"XBTUSDT":[],"last":null}',
        '{"XBTUSDT":{},"last":"17"}',
        '{"XXBTZUSD":[],"last":"17"}',
    ],
)
def test_a_result_that_is_no_page_is_malformed(
    result: str, pair: KrakenPair, ingested_at: datetime
) -> None:
    """Trades of another pair above all are never taken for ours."""
    with pytest.raises(AnswerMalformed, match="Trades for XBTUSDT"):
        parse(f'{{"error":[],"result":{result}}}', pair, ingested_at)


def test_an_error_answer_is_its_error(pair: KrakenPair, ingested_at: datetime) -> None:
    """The parser raises what the envelope holds."""
    with pytest.raises(UnknownPair, match="KRAKEN_PAIR"):
        parse('{"error":["EQuery:Unknown asset pair"]}', pair, ingested_at)


@given(
    price=st.decimals(min_value="0.0000000001", max_value=10**17, places=10),
    volume=st.decimals(min_value="0.0000000001", max_value=10**17, places=10),
    trade_id=st.integers(min_value=1, max_value=2**63 - 1),
)
def test_any_storable_numbers_survive(
    pair: KrakenPair, ingested_at: datetime, price: Decimal, volume: Decimal, trade_id: int
) -> None:
    """Price, volume and id come out of the page as they went into it, as text or as numbers."""
    rows = [
        f'[{quote}{price:f}{quote},{quote}{volume:f}{quote},1762795433.5,"s","m","",{trade_id}]'
        for quote in ('"', "")
    ]
    for trade in parse(body_of(*rows), pair, ingested_at).trades:
        assert (trade.price, trade.volume, trade.trade_id) == (price, volume, trade_id)
