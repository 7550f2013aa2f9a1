from collections.abc import Callable

import httpx
import pytest

from infra.fake_kraken import Fault, FaultKind, ReplayServer
from producer.kraken.rest.client import KrakenClient
from producer.kraken.rest.listing import required
from producer.model.venue_errors import (
    AnswerMalformed,
    RateLimited,
    RequestRefused,
    Unavailable,
    Unreachable,
    VenueError,
)

TRADES = "/0/public/Trades"
IDS = list(range(10218208, 10219208))


def get(server: ReplayServer, path: str, **params: str) -> httpx.Response:
    """Make one call."""
    return httpx.get(server.url + path, params=params)


def ids(response: httpx.Response) -> list[int]:
    """The trade ids of an answer for XBTUSDT."""
    return [row[6] for row in response.json()["result"]["XBTUSDT"]]


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
    open_client: Callable[..., KrakenClient], kind: FaultKind, error: type[VenueError]
) -> None:
    """It is raised as its own type while it lasts; a retry gets all 1000 trades."""
    fault = Fault(kind=kind, times=2, seconds=30)
    with ReplayServer(faults=[fault]) as server:
        with open_client(server, read_timeout=0.2) as client:
            (pair,) = required(client.find_pairs(["BTC/USDT"]))
            with pytest.raises(error):
                client.trades(pair, None)
        with open_client(server, attempts=2, read_timeout=0.2) as client:
            assert [trade.trade_id for trade in client.trades(pair, None).trades] == IDS
        assert server.calls["Trades"] == 3


def test_html_520_is_html() -> None:
    """As the front of a failing Kraken sends it."""
    with ReplayServer(faults=[Fault(kind=FaultKind.HTTP_520)]) as server:
        response = get(server, TRADES, pair="XBTUSDT")
    assert response.status_code == 520
    assert response.headers["Content-Type"].startswith("text/html")


def test_an_error_fault_sends_the_text_that_is_given(
    open_client: Callable[..., KrakenClient],
) -> None:
    """Any of Kraken's messages can be had."""
    fault = Fault(kind=FaultKind.ERROR, message="EGeneral:Permission denied", endpoint="AssetPairs")
    with (
        ReplayServer(faults=[fault]) as server,
        open_client(server) as client,
        pytest.raises(RequestRefused, match="Permission denied"),
    ):
        required(client.find_pairs(["BTC/USDT"]))


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
    """With whichever count, and later trades fill the page up."""
    with ReplayServer(faults=[Fault(kind=FaultKind.HOLE, trades=3)]) as server:
        answers = [
            get(server, TRADES, pair="XBTUSDT", since="0", count=count) for count in ("9", "20")
        ]
    assert ids(answers[0]) == IDS[:3] + IDS[6:12]
    assert ids(answers[1]) == IDS[:3] + IDS[6:23]


def test_a_bad_row_is_rejected_and_no_trade_is_lost(
    open_client: Callable[..., KrakenClient],
) -> None:
    """Our client keeps it apart."""
    with (
        ReplayServer(faults=[Fault(kind=FaultKind.BAD_ROW)]) as server,
        open_client(server) as client,
    ):
        (pair,) = required(client.find_pairs(["BTC/USDT"]))
        page = client.trades(pair, None)
    assert [trade.trade_id for trade in page.trades] == IDS
    (rejected,) = page.rejected
    assert rejected.reason == "price: 'NaN' is no number"
    assert rejected.raw.startswith('["NaN","0.00009443",')
