"""How the pages follow the log of a lake in an object store, commit by commit."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from console.lake_view.index import LakeIndex
from infra.object_store.proxy import StoreProxy
from lake.layout import LakeLayout
from lake.log.folding import fold
from lake.log.snapshot import read_snapshot
from tests.object_store.lakes import fresh_clients, layout, proxy
from tests.unit.console.conftest import AT
from tests.unit.console.lakes import land, synthetic
from tests.unit.console.stored_lakes import temporary
from tests.unit.lake.lakes import quarantine

__all__ = ["fresh_clients", "layout", "proxy", "temporary"]

Open = Callable[..., TestClient]
RECORD = [(b"BTC/USD", b"\x00\xff")]


def sent(proxy: StoreProxy, since: int = 0) -> Counter[str]:
    """The requests of each kind after some number of them."""
    return Counter(request.kind for request in proxy.requests[since:])


def test_the_log_is_followed_with_few_requests(
    proxy: StoreProxy, lake: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is cheap if nothing is new; one for each commit and a listing if there are some."""
    monkeypatch.setattr("console.lake_view.index._CHECKED_EVERY_IN_STORE", 1e9)
    monkeypatch.setattr("console.lake_view.newer_commits._ONE_BY_ONE", 8)
    index = LakeIndex(lake)
    index.refresh()
    before = len(proxy.requests)
    index.refresh()
    assert sent(proxy, before) == {"GET": 1}
    for number in range(3):
        land(lake, {"BTC/USD": synthetic(201 + 5 * number, 5, AT + timedelta(hours=4))})
    newest = read_snapshot(lake).number
    new, before = newest - index.number, len(proxy.requests)
    index.refresh()
    assert index.number == newest
    assert index.pair("BTC_USD").rows == 205
    assert sent(proxy, before) == {"GET": new + 1, "LIST": 1}
    for number in range(5):
        land(lake, {"BTC/USD": synthetic(301 + 5 * number, 5, AT + timedelta(hours=5))})
    index.refresh()
    assert index.number == read_snapshot(lake).number > newest + 8
    assert index.pair("BTC_USD").rows == 230
    assert index.fault == ""


def test_the_first_page_after_a_while_shows_what_has_landed(
    lake: LakeLayout, open_pages: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a pair that was not there before; a store that does not answer is not waited for."""
    monkeypatch.setattr("console.lake_view.view._SEEN_FOR", 0.0)
    monkeypatch.setattr("console.lake_view.view._IN_STORE_EVERY", 1e6)
    monkeypatch.setattr("console.lake_view.view._CATCH_UP", 60.0)
    pages = open_pages(lake)
    index = pages.app._app.state.site.view.index  # type: ignore[attr-defined]
    for number, path in enumerate(("/pair/SOL_USD", "/pair/SOL_USD/candles.json", "/")):
        rows = synthetic(1 + 5 * number, 5, AT)
        land(lake, {"SOL/USD": rows})
        answer = pages.get(path)
        assert answer.status_code == 200, path
        assert index.pair("SOL_USD").rows == 5 * (number + 1)
    land(lake, {"ADA/USD": synthetic(1, 5, AT)})
    answers = threading.Event()
    monkeypatch.setattr("console.lake_view.view._CATCH_UP", 0.1)
    monkeypatch.setattr(index, "refresh", answers.wait)
    try:
        assert pages.get("/pair/SOL_USD").status_code == 200
        assert pages.get("/pair/ADA_USD").status_code == 404
    finally:
        answers.set()


def test_a_damaged_or_missing_commit_is_said(lake: LakeLayout) -> None:
    """The lake up to it is shown."""
    for number in range(3):
        land(lake, {"BTC/USD": synthetic(201 + 5 * number, 5, AT + timedelta(hours=4))})
    newest = read_snapshot(lake).number
    damaged = lake.commits / f"{newest - 1:020d}.json"
    whole = damaged.read_bytes()
    damaged.write_bytes(b"{ damaged")
    index = LakeIndex(lake)
    index.refresh()
    index.refresh()
    assert (index.number, "is not readable as commit" in index.fault) == (newest - 2, True)
    damaged.unlink()
    index = LakeIndex(lake)
    index.refresh()
    assert f"Commit {newest - 1} is missing" in index.fault
    damaged.write_bytes(whole)
    index.refresh()
    assert index.number == newest


def test_commits_that_were_folded_meanwhile(
    lake: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lake is read anew from its snapshot, with what is in quarantine."""
    monkeypatch.setattr("console.lake_view.index._CHECKED_EVERY_IN_STORE", 0.0)
    quarantine(lake, RECORD)
    index = LakeIndex(lake)
    index.refresh()
    for number in range(3):
        land(lake, {"BTC/USD": synthetic(201 + 5 * number, 5, AT + timedelta(hours=4))})
    for number in range(2):
        fold(lake, read_snapshot(lake).number, datetime(2999, 1, 1, tzinfo=UTC))
        land(lake, {"ETH/USD": synthetic(600 + 5 * number, 5, AT + timedelta(hours=4))})
    assert not (lake.commits / f"{index.number + 1:020d}.json").exists()
    index.refresh()
    index.refresh()
    fresh = LakeIndex(lake)
    fresh.refresh()
    assert (index.fault, fresh.fault) == ("", "")
    assert index.number == fresh.number == read_snapshot(lake).number
    assert index.pairs() == fresh.pairs()
    assert index.quarantined() == fresh.quarantined()
