import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from infra.fake_kraken import DEFAULT_RECORDING, ReplayServer, load_recording, synthetic_tapes
from infra.fake_kraken.market.recording import Recording
from producer.kraken.rest.client import KrakenClient
from producer.kraken.rest.listing import required

TRADES = "/0/public/Trades"
IDS = list(range(10218208, 10219208))


def get(server: ReplayServer, path: str, **params: str) -> httpx.Response:
    """Make one call."""
    return httpx.get(server.url + path, params=params)


def ids(response: httpx.Response) -> list[int]:
    """The trade ids of an answer for XBTUSDT."""
    return [row[6] for row in response.json()["result"]["XBTUSDT"]]


def test_the_recorded_page_is_answered(server: ReplayServer) -> None:
    """1000 trades, ids 10218208 to 10219207, the recorded cursor, said to be recorded."""
    response = get(server, TRADES, pair="XBTUSDT")
    assert ids(response) == IDS
    assert response.json()["result"]["last"] == "1762820035982277754"
    assert response.headers["X-Replay-Trades"] == "recorded"
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("name", ["XBTUSDT", "XBT/USDT"])
def test_a_pair_is_known_by_krakens_names(server: ReplayServer, name: str) -> None:
    """The answer's key is Kraken's own name, whichever was asked for."""
    assert list(get(server, TRADES, pair=name).json()["result"]) == ["XBTUSDT", "last"]


def test_pages_follow_the_cursor(server: ReplayServer) -> None:
    """Over HTTP as in the pure function: every trade once, then nothing new."""
    seen: list[int] = []
    since = "0"
    for _ in range(5):
        response = get(server, TRADES, pair="XBTUSDT", since=since, count="300")
        seen += ids(response)
        since = response.json()["result"]["last"]
    assert seen == IDS
    assert since == "1762820035982277754"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "EQuery:Unknown asset pair"),
        ({"pair": "BTC/USDT"}, "EQuery:Unknown asset pair"),
        ({"pair": "XBTUSDT", "count": "0"}, "EGeneral:Invalid arguments:count"),
        ({"pair": "XBTUSDT", "count": "1001"}, "EGeneral:Invalid arguments:count"),
        ({"pair": "XBTUSDT", "count": "x"}, "EGeneral:Invalid arguments:count"),
        ({"pair": "XBTUSDT", "since": "-1"}, "EGeneral:Invalid arguments:since"),
    ],
)
def test_a_wrong_call_gets_an_error_body(
    server: ReplayServer, params: dict[str, str], message: str
) -> None:
    """HTTP 200, the message, no result."""
    response = get(server, TRADES, **params)
    assert response.status_code == 200
    assert response.json() == {"error": [message]}


def test_an_unknown_path_is_an_unknown_method(server: ReplayServer) -> None:
    """As Kraken calls it."""
    assert get(server, "/0/public/Nothing").json() == {"error": ["EGeneral:Unknown method"]}


def test_a_call_without_a_user_agent_is_refused(server: ReplayServer) -> None:
    """Kraken wants to know who calls."""
    assert httpx.get(server.url + TRADES, headers={"User-Agent": ""}).status_code == 403


def test_asset_pairs_are_the_recorded_ones(server: ReplayServer) -> None:
    """The entry reads as it was recorded, asked for by name or with all."""
    recorded = json.loads((DEFAULT_RECORDING.parent / "asset_pairs_XBTUSDT.json").read_text())
    assert get(server, "/0/public/AssetPairs").json() == recorded
    assert get(server, "/0/public/AssetPairs", pair="XBT/USDT").json() == recorded
    unknown = get(server, "/0/public/AssetPairs", pair="XBTUSDT,ETHUSD")
    assert unknown.json() == {"error": ["EQuery:Unknown asset pair"]}


def test_time_is_the_servers(server: ReplayServer) -> None:
    """In both of Kraken's forms."""
    before = int(datetime.now(UTC).timestamp())
    result = get(server, "/0/public/Time").json()["result"]
    assert before <= result["unixtime"] <= before + 60
    shown = datetime.strptime(result["rfc1123"], "%a, %d %b %y %H:%M:%S %z")
    assert shown.timestamp() == result["unixtime"]


def test_the_status_is_online(server: ReplayServer) -> None:
    """With the time of asking."""
    result = get(server, "/0/public/SystemStatus").json()["result"]
    assert result["status"] == "online"
    assert result["timestamp"].endswith("Z")


def test_several_recordings_are_served_at_once(
    recording: Recording, write_recording: Callable[..., Path]
) -> None:
    """Each under its own pair."""
    other = write_recording("AB", ['["1.50","2",1762795433.5,"b","l","",7]'], "1762795433500000000")
    with ReplayServer([recording, load_recording(other)]) as server:
        assert len(ids(get(server, TRADES, pair="XBTUSDT"))) == 1000
        assert get(server, TRADES, pair="AB").json()["result"]["AB"][0][0] == "1.50"
        assert set(get(server, "/0/public/AssetPairs").json()["result"]) == {"XBTUSDT", "AB"}


def test_synthetic_trades_are_said_to_be_synthetic(
    open_client: Callable[..., KrakenClient], recording: Recording
) -> None:
    """In the pair's name and in a header; our client reads them like any other."""
    with ReplayServer(synthetic_tapes(recording, count=1500, pairs=2)) as server:
        response = get(server, TRADES, pair="SYN2USDT", since="0")
        assert response.headers["X-Replay-Trades"] == "synthetic"
        with open_client(server) as client:
            (pair,) = required(client.find_pairs(["SYN2/USDT"]))
            page = client.trades(pair, "0")
            rest = client.trades(pair, page.last)
    assert page.rejected == rest.rejected == ()
    assert [trade.trade_id for trade in [*page.trades, *rest.trades]] == list(range(1, 1501))


def test_a_pair_called_too_often_is_rate_limited(recording: Recording) -> None:
    """Each pair for itself."""
    tapes = synthetic_tapes(recording, count=1, pairs=2)
    with ReplayServer(tapes, call_interval=3600) as server:
        answers = [get(server, TRADES, pair=f"SYN{n}USDT").json() for n in (1, 2, 1)]
    assert [answer["error"] for answer in answers] == [[], [], ["EAPI:Rate limit exceeded"]]
