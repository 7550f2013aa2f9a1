import json
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from producer.kraken.pairs import KrakenPair
from producer.kraken.rest.candles import Candle, read_candles
from producer.kraken.rest.client import KrakenClient, KrakenClientSettings
from producer.kraken.rest.envelope import open_envelope
from producer.model.venue_errors import AnswerMalformed, UnknownPair, UnknownRowShape

FIRST, SECOND, OPEN = (
    '[1762795440,"1.5","1.7","1.4","1.6","1.5","0.30000000",2]',
    '[1762795500,"1.6","1.6","1.6","1.6","0.0","0.00000000",0]',
    '[1762795560,"1.6","1.8","1.6","1.8","1.7","0.10000000",1]',
)


def body_of(*rows: str, last: str = "1762795500") -> str:
    """An OHLC answer that holds these rows."""
    return f'{{"error":[],"result":{{"XBTUSDT":[{",".join(rows)}],"last":{last}}}}}'


def parse(body: bytes | str, *, pair: KrakenPair) -> list[Candle]:
    """What the client reads from an answer."""
    return read_candles(open_envelope(body, asked=f"OHLC for {pair.key}"), pair=pair)


def test_all_recorded_candles_are_exact(candles_body: bytes, pair: KrakenPair) -> None:
    """Each equals what the standard library reads without a float; the last two are left out."""
    rows = json.loads(candles_body, parse_float=str)["result"]["XBTUSDT"]
    assert parse(candles_body, pair=pair) == [
        Candle(
            "BTC/USDT",
            datetime.fromtimestamp(start, UTC),
            *(Decimal(price) for price in (first, high, low, close)),
            Decimal(volume),
            count,
        )
        for start, first, high, low, close, _, volume, count in rows[:-2]
    ]


def test_recorded_candles_are_the_sum_of_recorded_trades(
    candles_body: bytes, trades_body: bytes, pair: KrakenPair
) -> None:
    """Kraken's own two accounts of 61 minutes agree, digit by digit.

    The first minute is left out: the page of trades begins in its middle.
    """
    rows = json.loads(trades_body, parse_float=Decimal)["result"]["XBTUSDT"]
    traded = defaultdict(list)
    for price, volume, at, *_ in rows:
        traded[int(at) // 60 * 60].append((Decimal(price), Decimal(volume)))
    _, *candles = parse(candles_body, pair=pair)
    compared = 0
    for candle in candles:
        inside = traded[int(candle.start.timestamp())]
        assert len(inside) == candle.count
        assert sum(volume for _, volume in inside) == candle.volume
        if inside:
            prices = [price for price, _ in inside]
            assert candle.open == prices[0]
            assert candle.high == max(prices)
            assert candle.low == min(prices)
            assert candle.close == prices[-1]
            compared += 1
    assert compared == 61


def test_the_client_asks_for_minutes(candles_body: bytes, pair: KrakenPair) -> None:
    """All that Kraken has of them, under its own pair name."""
    asked: list[httpx.Request] = []

    def kraken(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=candles_body)

    with KrakenClient(KrakenClientSettings(), httpx.MockTransport(kraken)) as client:
        assert len(client.candles(pair)) == 92
    assert asked[0].url.path == "/0/public/OHLC"
    assert dict(asked[0].url.params) == {"pair": "XBTUSDT", "interval": "1"}


def test_the_open_minute_and_the_one_before_are_left_out(pair: KrakenPair) -> None:
    """Trades may still be counted into both."""
    (candle,) = parse(body_of(FIRST, SECOND, OPEN), pair=pair)
    assert candle.start == datetime(2025, 11, 10, 17, 24, tzinfo=UTC)
    assert parse(body_of(OPEN), pair=pair) == []


@pytest.mark.parametrize("row", ["null", "{}", "[]", FIRST.replace(",2]", "]")])
def test_a_row_that_is_no_row_is_an_error(row: str, pair: KrakenPair) -> None:
    """Its number shows which one it was."""
    with pytest.raises(UnknownRowShape, match="row 1 of OHLC for XBTUSDT"):
        parse(body_of(FIRST, row, OPEN), pair=pair)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"1.5"', '"NaN"', "open: 'NaN' is no number"),
        ("1762795440", "1762795441", "time: 1762795441 is no whole minute"),
        ("1762795440", "1762795440000", "time: 1762795440000 is no whole minute"),
        ('"1.4"', '"1.55"', "low: 1.55 lies above"),
        ('"1.7"', '"1.55"', "high: 1.55 lies below"),
        (",2]", ",2.5]", "count: '2.5' is no whole number"),
        (",2]", ",-2]", "count: -2 trades"),
        (",2]", ",0]", "count: 0 trades do not make a volume of 0.30000000"),
        ('"0.30000000"', '"0"', "count: 2 trades do not make a volume of 0"),
    ],
)
def test_a_candle_of_no_use_spoils_the_answer(
    pair: KrakenPair, old: str, new: str, message: str
) -> None:
    """Half a comparison would prove nothing."""
    with pytest.raises(AnswerMalformed, match="row 0: ") as refused:
        parse(body_of(FIRST.replace(old, new, 1), SECOND, OPEN), pair=pair)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "body",
    [
        body_of(),
        body_of(FIRST, OPEN, SECOND),
        body_of(FIRST, FIRST, OPEN),
        body_of(FIRST, SECOND, last='"x"'),
        body_of(FIRST, SECOND),
        body_of(FIRST, OPEN).replace("XBTUSDT", "XXBTZUSD"),
    ],
    ids=["none", "out of order", "twice", "no last", "no open one", "another pair"],
)
def test_an_answer_that_contradicts_itself_is_malformed(body: str, pair: KrakenPair) -> None:
    """It is asked for again, not made the best of."""
    with pytest.raises(AnswerMalformed, match="OHLC for XBTUSDT"):
        parse(body, pair=pair)


def test_an_error_answer_is_its_error(pair: KrakenPair) -> None:
    """The parser raises what the envelope holds."""
    with pytest.raises(UnknownPair, match="KRAKEN_PAIR"):
        parse('{"error":["EQuery:Unknown asset pair"]}', pair=pair)
