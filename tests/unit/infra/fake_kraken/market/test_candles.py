import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from infra.fake_kraken import Fault, FaultKind, ReplayServer, synthetic_tapes
from infra.fake_kraken.market.candles import MOST_CANDLES, write_candles
from infra.fake_kraken.market.recording import Recording
from infra.fake_kraken.market.tape import Tape
from producer.kraken.rest.client import KrakenClient
from producer.kraken.rest.listing import required
from producer.model.venue_errors import Unavailable
from tests.engine import ROOT

RECORDED = ROOT / "tests" / "unit" / "producer" / "kraken" / "data" / "ohlc_XBTUSDT_2025-11-10.json"
START = 1_800_000_000 * 10**9
"""A whole minute."""


def answer(tape: Tape, since: int | None = None, now: int = 0) -> Any:
    """The pair's rows and `last`."""
    result = json.loads(write_candles(tape, since=since, now=now))["result"]
    return result[tape.pair.rest_name], result["last"]


def test_candles_are_krakens_own_to_the_letter(recording: Recording) -> None:
    """All 410 minutes of the recorded trades; those that Kraken's answer was kept of are equal.

    The first minute is not: the recorded trades begin in its middle.
    """
    rows, last = answer(recording)
    assert len(rows) == 411
    assert last == rows[-2][0] == 1762819920
    recorded = {row[0]: row for row in json.loads(RECORDED.read_text())["result"]["XBTUSDT"]}
    ours = {row[0]: row for row in rows}
    common = sorted(recorded.keys() & ours.keys())[1:]
    assert [ours[minute] for minute in common] == [recorded[minute] for minute in common]
    assert len(common) == 89


def test_there_are_at_most_720_and_the_open_one(recording: Recording) -> None:
    """The newest; the oldest carries on from the trade before it."""
    (tape,) = synthetic_tapes(recording, count=2000, rate=1 / 60, start=START)
    rows, last = answer(tape, now=START + 1999 * 60 * 10**9)
    assert len(rows) == MOST_CANDLES + 1
    assert rows[-1][0] == START // 10**9 + 1999 * 60
    assert last == rows[-2][0]
    assert [row[0] for row in rows] == list(range(rows[0][0], rows[-1][0] + 1, 60))
    assert {row[7] for row in rows} == {1}


def test_a_quiet_minute_carries_the_price_before_it(recording: Recording) -> None:
    """Nothing traded, no average, and a close for the next to begin with."""
    (tape,) = synthetic_tapes(recording, count=5, rate=1 / 150, start=START)
    rows, _ = answer(tape, now=START + 10**12)
    counts = [row[7] for row in rows]
    assert counts == [1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1]
    assert rows[1][1:] == [rows[0][4]] * 4 + ["0.0", "0.00000000", 0]


def test_since_leaves_out_what_began_then_or_before(recording: Recording) -> None:
    """The open minute is always there; an older since changes nothing."""
    rows, last = answer(recording)
    assert answer(recording, since=rows[100][0]) == (rows[101:], last)
    assert answer(recording, since=rows[0][0] - 10**9) == (rows, last)
    assert answer(recording, since=rows[-1][0] + 10**9) == (rows[-1:], last)
    assert answer(recording, since=rows[100][0])[0][0] == rows[101]


def test_no_trade_yet_is_no_candle(recording: Recording) -> None:
    """There is no price to show."""
    (tape,) = synthetic_tapes(recording, count=5, rate=1.0, start=START)
    assert answer(tape, now=START - 1)[0] == []


def test_our_client_reads_them(
    server: ReplayServer, open_client: Callable[..., KrakenClient]
) -> None:
    """A hole is missing from them too, since Kraken itself does not have those trades."""
    with open_client(server) as client:
        (pair,) = required(client.find_pairs(["BTC/USDT"]))
        before = client.candles(pair)
        server.plan.add([Fault(kind=FaultKind.HOLE, trades=3)])
        client.trades(pair, "0")
        after = client.candles(pair)
    assert len(before) == 409
    assert sum(one.count for one in before) - sum(one.count for one in after) == 3


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "EQuery:Unknown asset pair"),
        ({"pair": "XBTUSDT", "interval": "5"}, "EGeneral:Invalid arguments"),
        ({"pair": "XBTUSDT", "since": "x"}, "EGeneral:Invalid arguments"),
    ],
)
def test_a_wrong_call_gets_an_error_body(
    server: ReplayServer, params: dict[str, str], message: str
) -> None:
    """HTTP 200, the message, no result."""
    response = httpx.get(f"{server.url}/0/public/OHLC", params=params)
    assert (response.status_code, response.json()) == (200, {"error": [message]})


def test_faults_strike_candles_too(
    server: ReplayServer, open_client: Callable[..., KrakenClient]
) -> None:
    """Those that do not need a page of trades."""
    server.plan.add([Fault(kind=FaultKind.UNAVAILABLE, endpoint="OHLC")])
    with open_client(server) as client:
        (pair,) = required(client.find_pairs(["BTC/USDT"]))
        with pytest.raises(Unavailable):
            client.candles(pair)
        assert client.candles(pair)
