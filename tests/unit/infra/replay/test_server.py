import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from infra.replay import (
    DEFAULT_RECORDING,
    Fault,
    FaultKind,
    ReplayServer,
    load_recording,
    synthetic_tapes,
)
from infra.replay.errors import ServerNotStarted
from infra.replay.recording import Recording
from producer.kraken.client import KrakenClient, KrakenClientSettings
from producer.kraken.errors import (
    AnswerMalformed,
    KrakenError,
    RateLimited,
    RequestRefused,
    Unavailable,
    Unreachable,
)
from producer.kraken.pacing import Pacer

TRADES = "/0/public/Trades"
IDS = list(range(10218208, 10219208))


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    """The shipped recording, no faults."""
    with ReplayServer() as server:
        yield server


def get(server: ReplayServer, path: str, **params: str) -> httpx.Response:
    """Makes one call."""
    return httpx.get(server.url + path, params=params)


def ids(response: httpx.Response) -> list[int]:
    """The trade ids of an answer for XBTUSDT."""
    return [row[6] for row in response.json()["result"]["XBTUSDT"]]


def client_of(server: ReplayServer, *, attempts: int = 1, read_timeout: float = 5) -> KrakenClient:
    """Our own client, in a hurry."""
    settings = KrakenClientSettings(
        api_url=server.url,
        attempts=attempts,
        read_timeout=read_timeout,
        retry_wait=0,
        retry_wait_most=0,
    )
    return KrakenClient(settings, pacer=Pacer(0, sleep=lambda _: None))


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
    told = datetime.strptime(result["rfc1123"], "%a, %d %b %y %H:%M:%S %z")
    assert told.timestamp() == result["unixtime"]


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


def test_synthetic_trades_are_said_to_be_synthetic(recording: Recording) -> None:
    """In the pair's name and in a header; our client reads them like any other."""
    with ReplayServer(synthetic_tapes(recording, count=1500, pairs=2)) as server:
        response = get(server, TRADES, pair="SYN2USDT", since="0")
        assert response.headers["X-Replay-Trades"] == "synthetic"
        with client_of(server) as client:
            (pair,) = client.asset_pairs(["SYN2/USDT"])
            page = client.trades(pair, "0")
            rest = client.trades(pair, page.last)
    assert page.rejected == rest.rejected == ()
    assert [trade.trade_id for trade in page.trades + rest.trades] == list(range(1, 1501))


def test_a_pair_called_too_often_is_rate_limited(recording: Recording) -> None:
    """Each pair for itself."""
    tapes = synthetic_tapes(recording, count=1, pairs=2)
    with ReplayServer(tapes, call_interval=3600) as server:
        answers = [get(server, TRADES, pair=f"SYN{n}USDT").json() for n in (1, 2, 1)]
    assert [answer["error"] for answer in answers] == [[], [], ["EAPI:Rate limit exceeded"]]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.ERROR, Unavailable),
        (FaultKind.RATE_LIMIT, RateLimited),
        (FaultKind.UNAVAILABLE, Unavailable),
        (FaultKind.HTTP_429, RateLimited),
        (FaultKind.HTTP_503, Unavailable),
        (FaultKind.HTTP_520, Unavailable),
        (FaultKind.RUBBISH, AnswerMalformed),
        (FaultKind.SLOW, Unreachable),
        (FaultKind.CUT, Unreachable),
    ],
)
def test_a_fault_looks_to_a_client_like_the_real_one(
    kind: FaultKind, error: type[KrakenError]
) -> None:
    """Told by its type while it lasts; the client that tries again gets all 1000 trades."""
    fault = Fault(kind=kind, times=2, seconds=30)
    with ReplayServer(faults=[fault]) as server:
        with client_of(server, read_timeout=0.2) as client:
            (pair,) = client.asset_pairs(["BTC/USDT"])
            with pytest.raises(error):
                client.trades(pair, None)
        with client_of(server, attempts=2, read_timeout=0.2) as client:
            assert [trade.trade_id for trade in client.trades(pair, None).trades] == IDS
        assert server.calls["Trades"] == 3


def test_html_520_is_html() -> None:
    """As the front of a failing Kraken sends it."""
    with ReplayServer(faults=[Fault(kind=FaultKind.HTTP_520)]) as server:
        response = get(server, TRADES, pair="XBTUSDT")
    assert response.status_code == 520
    assert response.headers["Content-Type"].startswith("text/html")


def test_an_error_fault_says_what_it_is_told_to() -> None:
    """Any of Kraken's messages can be had."""
    fault = Fault(kind=FaultKind.ERROR, message="EGeneral:Permission denied", endpoint="AssetPairs")
    with (
        ReplayServer(faults=[fault]) as server,
        client_of(server) as client,
        pytest.raises(RequestRefused, match="Permission denied"),
    ):
        client.asset_pairs(["BTC/USDT"])


def test_a_slow_answer_is_the_right_one() -> None:
    """It only comes late."""
    with ReplayServer(faults=[Fault(kind=FaultKind.SLOW, seconds=0.2)]) as server:
        response = get(server, TRADES, pair="XBTUSDT")
    assert response.elapsed.total_seconds() >= 0.2
    assert ids(response) == IDS


def test_a_cut_answer_has_begun() -> None:
    """Status and length were sent, and half of the body."""
    with (
        ReplayServer(faults=[Fault(kind=FaultKind.CUT)]) as server,
        httpx.stream("GET", server.url + TRADES, params={"pair": "XBTUSDT"}) as response,
    ):
        assert response.status_code == 200
        received = b""
        with pytest.raises(httpx.RemoteProtocolError):
            for chunk in response.iter_bytes():
                received += chunk
        assert len(received) == int(response.headers["Content-Length"]) // 2


def test_a_repeat_begins_with_what_was_answered_before() -> None:
    """As if the cursor were inclusive."""
    with ReplayServer(faults=[Fault(kind=FaultKind.REPEAT, trades=2)]) as server:
        first = get(server, TRADES, pair="XBTUSDT", since="0", count="10")
        last = first.json()["result"]["last"]
        second = get(server, TRADES, pair="XBTUSDT", since=last, count="10")
    assert ids(first) == IDS[:10]
    assert ids(second) == IDS[8:20]


def test_a_jump_is_filled_when_asked_again() -> None:
    """The trades were there all the time."""
    with ReplayServer(faults=[Fault(kind=FaultKind.JUMP, trades=3)]) as server:
        answers = [get(server, TRADES, pair="XBTUSDT", since="0", count="9") for _ in range(2)]
    assert ids(answers[0]) == IDS[:3] + IDS[6:9]
    assert ids(answers[1]) == IDS[:9]


def test_a_hole_stays_when_asked_again() -> None:
    """From whichever cursor."""
    with ReplayServer(faults=[Fault(kind=FaultKind.HOLE, trades=3)]) as server:
        answers = [
            get(server, TRADES, pair="XBTUSDT", since="0", count=count) for count in ("9", "20")
        ]
    assert ids(answers[0]) == IDS[:3] + IDS[6:9]
    assert ids(answers[1]) == IDS[:3] + IDS[6:20]


def test_a_bad_row_is_rejected_and_no_trade_is_lost() -> None:
    """Our client keeps it apart."""
    with (
        ReplayServer(faults=[Fault(kind=FaultKind.BAD_ROW)]) as server,
        client_of(server) as client,
    ):
        (pair,) = client.asset_pairs(["BTC/USDT"])
        page = client.trades(pair, None)
    assert [trade.trade_id for trade in page.trades] == IDS
    (rejected,) = page.rejected
    assert rejected.reason == "price: 'NaN' is no number"
    assert rejected.raw.startswith('["NaN","0.00009443",')


def test_a_running_server_can_be_told_to_fail(server: ReplayServer) -> None:
    """Over HTTP: add one or several faults, list them, clear them."""
    control = f"{server.url}/_replay/faults"
    assert httpx.post(control, json={"kind": "http-503"}).status_code == 201
    assert httpx.post(control, json=[{"kind": "http-429", "times": "always"}]).status_code == 201
    statuses = [get(server, TRADES, pair="XBTUSDT").status_code for _ in range(3)]
    assert statuses == [503, 429, 429]
    listed = httpx.get(control).json()
    assert [(fault["kind"], fault["fired"]) for fault in listed] == [
        ("http-503", 1),
        ("http-429", 2),
    ]
    assert httpx.delete(control).status_code == 204
    assert get(server, TRADES, pair="XBTUSDT").status_code == 200


@pytest.mark.parametrize("body", ["", "[", '{"kind":"explode"}', "5"])
def test_a_wrong_fault_is_refused(server: ReplayServer, body: str) -> None:
    """With the reason, and without arming anything."""
    control = f"{server.url}/_replay/faults"
    response = httpx.post(control, content=body)
    assert response.status_code == 400
    assert response.text
    assert httpx.get(control).json() == []


def test_a_program_in_the_same_process_can_add_faults(server: ReplayServer) -> None:
    """Without HTTP."""
    server.plan.add([Fault(kind=FaultKind.HTTP_503)])
    assert get(server, TRADES, pair="XBTUSDT").status_code == 503


def test_a_stopped_server_frees_its_port() -> None:
    """The same port serves the next one at once, even after an answer that never ended."""
    fault = Fault(kind=FaultKind.SLOW, seconds=3600)
    with ReplayServer(faults=[fault]) as server:
        url = server.url
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(url + TRADES, params={"pair": "XBTUSDT"}, timeout=0.2)
    with ReplayServer(port=int(url.rpartition(":")[2])) as again:
        assert again.url == url
        assert get(again, TRADES, pair="XBTUSDT").status_code == 200


def test_a_taken_port_is_told(server: ReplayServer) -> None:
    """With what to do instead."""
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(ServerNotStarted, match=f"{port}.*--port 0"):
        ReplayServer(port=port).start()
