"""Faults by REST that concern one pair, or an address: unknown, refused, cached, odd, tokenized."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from infra.fake_kraken import (
    Fault,
    FaultKind,
    ReplayServer,
    synthetic_tapes,
    tokenized,
    twin,
    without_wsname,
)
from infra.fake_kraken.market.recording import Recording

ONE, OTHER = "SYN1USDT", "SYN2USDT"
UNKNOWN = ["EQuery:Unknown asset pair"]
OpenServer = Callable[..., ReplayServer]


@pytest.fixture
def two_pairs(recording: Recording) -> Iterator[OpenServer]:
    """Start a stand-in of two made-up pairs, a thousand trades each: `two_pairs(Fault(...))`."""
    started: list[ReplayServer] = []

    def start(*faults: Fault) -> ReplayServer:
        tapes = synthetic_tapes(recording, count=1000, pairs=2)
        started.append(ReplayServer(tapes, faults=faults, keep_shown=True))
        started[-1].start()
        return started[-1]

    yield start
    for server in started:
        server.stop()


def ask(server: ReplayServer, endpoint: str, **params: str) -> httpx.Response:
    """Make one call."""
    return httpx.get(f"{server.url}/0/public/{endpoint}", params=params)


def rows(server: ReplayServer, pair: str = ONE, **params: str) -> list[Any]:
    """The rows of a Trades answer."""
    return list(ask(server, "Trades", pair=pair, **params).json()["result"][pair])


@pytest.mark.parametrize("endpoint", ["Trades", "OHLC", "AssetPairs"])
def test_no_endpoint_knows_a_delisted_pair(two_pairs: OpenServer, endpoint: str) -> None:
    """The other pair is answered as ever; of all pairs the delisted one is left out."""
    server = two_pairs(Fault(kind=FaultKind.DELISTED, pair=ONE, lasting=600))
    assert ask(server, endpoint, pair=ONE).json()["error"] == UNKNOWN
    assert OTHER in ask(server, endpoint, pair=OTHER).json()["result"]
    assert list(ask(server, "AssetPairs").json()["result"]) == [OTHER]
    server.plan.clear()
    assert ONE in ask(server, endpoint, pair=ONE).json()["result"]


@pytest.mark.parametrize("endpoint", ["Trades", "OHLC", "AssetPairs"])
@pytest.mark.parametrize("message", [*UNKNOWN, "EGeneral:Invalid arguments"])
def test_one_pair_is_refused_by_any_endpoint(
    two_pairs: OpenServer, endpoint: str, message: str
) -> None:
    """Once; the other pair never."""
    fault = {"kind": "error", "message": message, "pair": ONE, "endpoint": endpoint}
    server = two_pairs(Fault.model_validate(fault))
    assert ask(server, endpoint, pair=OTHER).json()["error"] == []
    assert ask(server, endpoint, pair=ONE).json()["error"] == [message]
    assert ask(server, endpoint, pair=ONE).json()["error"] == []


def test_a_fault_may_last(two_pairs: OpenServer) -> None:
    """As often as it can, for its seconds and no longer."""
    server = two_pairs(Fault(kind=FaultKind.HTTP_403, pair=ONE, lasting=600))
    assert {ask(server, "Trades", pair=ONE).status_code for _ in range(3)} == {403}
    server.plan.armed[0].armed_at -= 601
    assert ask(server, "Trades", pair=ONE).status_code == 200


def test_a_shield_answers_with_html(two_pairs: OpenServer) -> None:
    """403 is a page of HTML, 404 a line; neither is JSON."""
    server = two_pairs(Fault(kind=FaultKind.HTTP_403), Fault(kind=FaultKind.HTTP_404))
    shield, gone = ask(server, "Trades", pair=ONE), ask(server, "Trades", pair=ONE)
    assert (shield.status_code, shield.headers["Content-Type"][:9]) == (403, "text/html")
    assert (gone.status_code, gone.text) == (404, "404 page not found")


def test_one_url_is_answered_from_a_cache(two_pairs: OpenServer) -> None:
    """A hole that has come about since is not in it; another URL has it."""
    server = two_pairs(
        Fault(kind=FaultKind.CACHED, pair=ONE, seconds=600, lasting=600),
        Fault(kind=FaultKind.HOLE, trades=3, after=2),
    )
    before = rows(server, since="0")
    ask(server, "Trades", pair=ONE, since="0", count="999")
    assert len(rows(server, since="0", count="100")) == 100
    assert rows(server, since="0") == before
    assert server.real_holes(ONE) == [50, 51, 52]
    assert 50 not in [row[6] for row in rows(server, since="1")]


@pytest.mark.parametrize(
    ("kind", "form"), [(FaultKind.SIX_FIELDS, list), (FaultKind.ODD_ROW, dict)]
)
def test_a_page_ends_with_an_odd_row(two_pairs: OpenServer, kind: FaultKind, form: type) -> None:
    """Six fields, or no list at all; the rows before it are right."""
    server = two_pairs(Fault(kind=kind))
    *good, odd = rows(server)
    assert [row[6] for row in good] == list(range(1, 1001))
    assert isinstance(odd, form)
    assert len(odd) in (6, 1)


def test_a_tokenized_pair_has_to_be_asked_for_as_such(recording: Recording) -> None:
    """AssetPairs lists it by `aclass_base`, Trades and OHLC give it by `asset_class`."""
    with ReplayServer([recording, tokenized(recording)]) as server:
        assert list(ask(server, "AssetPairs").json()["result"]) == ["XBTUSDT"]
        listed = ask(server, "AssetPairs", aclass_base="tokenized_asset").json()["result"]
        assert listed["AAPLxUSD"]["aclass_base"] == "tokenized_asset"
        for endpoint in ("Trades", "OHLC"):
            assert ask(server, endpoint, pair="AAPLxUSD").json()["error"] == UNKNOWN
            share = ask(server, endpoint, pair="AAPLxUSD", asset_class="tokenized_asset")
            assert "AAPLxUSD" in share.json()["result"]


def test_a_dark_pools_pair_has_no_wsname(recording: Recording) -> None:
    """It is known by its key alone."""
    with ReplayServer([recording, without_wsname(recording, "XBTUSDT.d")]) as server:
        entry = ask(server, "AssetPairs", pair="XBTUSDT.d").json()["result"]["XBTUSDT.d"]
        assert "wsname" not in entry
        assert ask(server, "Trades", pair="XBTUSDT.d", count="1").json()["error"] == []


def test_of_two_keys_under_one_altname_the_exact_key_wins(recording: Recording) -> None:
    """Asked for by altname, the first one answers."""
    with ReplayServer([recording, twin(recording, "XBTUSDT2")]) as server:
        entries = ask(server, "AssetPairs").json()["result"]
        assert {entry["wsname"] for entry in entries.values()} == {"XBT/USDT"}
        for name, key in (
            ("XBTUSDT", "XBTUSDT"),
            ("XBTUSDT2", "XBTUSDT2"),
            ("XBT/USDT", "XBTUSDT"),
        ):
            assert key in ask(server, "Trades", pair=name, count="1").json()["result"]


def test_what_was_shown_is_kept(two_pairs: OpenServer) -> None:
    """Each trade once, with its exact values, but none that was not requested."""
    server = two_pairs()
    ((price, volume, time, *_),) = rows(server, since="0", count="1")
    rows(server, since="0", count="3")
    shown = server.shown.trades(ONE)
    assert [trade.trade_id for trade in shown] == [1, 2, 3]
    assert (str(shown[0].price), str(shown[0].volume)) == (price, volume)
    assert shown[0].micros == int(float(time) * 10**6)
    assert (shown[0].symbol, shown[0].epoch, shown[0].readable) == ("SYN1/USDT", 0, True)
    assert server.shown.trades(OTHER) == []
