"""The pages over a lake in an object store: what they show, and what they ask the store for."""

import re
from collections import Counter
from collections.abc import Callable

from starlette.testclient import TestClient

from console.lake_view.index import LakeIndex
from infra.object_store.proxy import Fault, StoreProxy
from lake.layout import LakeLayout
from tests.object_store.lakes import fresh_clients, layout, proxy
from tests.unit.console.conftest import AT
from tests.unit.console.lakes import compact
from tests.unit.console.stored_lakes import objects, on_disk, place, temporary
from tests.unit.lake.lakes import quarantine

__all__ = ["fresh_clients", "layout", "on_disk", "proxy", "temporary"]

Open = Callable[..., TestClient]
PAGES = (
    "/",
    "/pipeline",
    "/contract",
    "/quarantine",
    "/completeness",
    "/completeness/BTC_USD",
    "/completeness/BTC_USD/2026-01-30T19",
    "/pair/BTC_USD",
    "/pair/ETH_USD",
)
RECORD = [(b"BTC/USD", b"\x00\xff")]


def index_of(pages: TestClient) -> LakeIndex:
    """The index that the pages are made from."""
    site = pages.app._app.state.site  # type: ignore[attr-defined]
    assert isinstance(site.view.index, LakeIndex)
    return site.view.index


def tape(text: str) -> list[str]:
    """The rows of the tape."""
    return re.findall(r"<tr[^>]* data-id=.*?</tr>", text, flags=re.DOTALL)


def test_the_pages_show_what_they_show_of_a_folder(
    lake: LakeLayout, on_disk: LakeLayout, open_pages: Open
) -> None:
    """Candles of every width, tape, calendars and quarantine."""
    for one in (lake, on_disk):
        quarantine(one, RECORD)
    in_store, in_folder = open_pages(lake), open_pages(on_disk)
    for path in PAGES:
        assert in_store.get(path).status_code == 200, path
    start = int(AT.timestamp()) + 1800
    for query in ("", f"?from={start}&to={start + 60}", f"?from={start}&to={start + 3600}"):
        candles = f"/pair/BTC_USD/candles.json{query}"
        assert in_store.get(candles).json() == in_folder.get(candles).json()
    shown = tape(in_store.get("/pair/BTC_USD").text)
    assert len(shown) == 50
    assert shown == tape(in_folder.get("/pair/BTC_USD").text)
    assert 'data-cell="trades">190<' in in_store.get("/").text
    assert "Missing ids 90 to 99." in in_store.get("/completeness/BTC_USD/2026-01-30T19").text
    assert "00 ff" in in_store.get("/quarantine").text


def test_a_page_asks_for_each_object_once(
    proxy: StoreProxy, lake: LakeLayout, open_pages: Open
) -> None:
    """Whatever shows it; the next program finds the copies of this one."""
    quarantine(lake, RECORD)

    def parquet() -> Counter[str]:
        return Counter(one.key for one in proxy.requests if ".parquet" in one.key)

    named = {place(lake, file).key for file in objects(lake)}
    proxy.requests.clear()
    pages = open_pages(lake)
    assert parquet() == {}, "nothing is read that no page asks for"
    for _ in range(2):
        for path in (*PAGES, "/pair/BTC_USD/candles.json", "/pair/ETH_USD/candles.json"):
            assert pages.get(path).status_code == 200
    assert set(parquet().values()) == {1}
    assert len(parquet()) == len(named) + 1, "trades, and the file in quarantine"
    proxy.requests.clear()
    again = open_pages(lake)
    assert again.get("/pair/BTC_USD").status_code == 200
    assert parquet() == {}


def test_what_is_known_is_shown_while_the_store_refuses(
    proxy: StoreProxy, lake: LakeLayout, open_pages: Open
) -> None:
    """Every page says so; afterwards none does."""
    pages = open_pages(lake)
    for path in ("/", "/pair/BTC_USD"):
        assert pages.get(path).status_code == 200
    index = index_of(pages)
    proxy.fault = lambda _: Fault.FORBIDDEN
    index.refresh()
    for path in ("/", "/pair/BTC_USD", "/completeness/BTC_USD"):
        answer = pages.get(path)
        assert (answer.status_code, "cannot be read further" in answer.text) == (200, True), path
    assert pages.get("/health").json()["lake"] == "broken"
    proxy.fault = lambda _: None
    index.refresh()
    assert "cannot be read further" not in pages.get("/").text


def test_compaction_changes_no_candle(
    proxy: StoreProxy, lake: LakeLayout, open_pages: Open
) -> None:
    """Nor does it make one be read again, although every object is another one."""
    pages = open_pages(lake)
    index = index_of(pages)
    before = pages.get("/pair/BTC_USD/candles.json").json()
    for _ in range(2):
        compact(lake)  # The second one removes what the first has replaced.
    index.refresh()
    since = len(proxy.requests)
    assert pages.get("/pair/BTC_USD/candles.json").json() == before
    assert [one.key for one in proxy.requests[since:] if ".parquet" in one.key] == []
    assert len(tape(pages.get("/pair/BTC_USD").text)) == 50


def test_objects_that_are_replaced_while_a_page_is_made(lake: LakeLayout, open_pages: Open) -> None:
    """The log is read again, and the page shows the others."""
    pages = open_pages(lake)
    before = [place(lake, file) for file in objects(lake)]
    for _ in range(2):
        compact(lake)
    assert not any(path.exists() for path in before)
    assert len(tape(pages.get("/pair/BTC_USD").text)) == 50


def test_what_is_wrong_with_an_object_is_said_where_it_is_needed(
    lake: LakeLayout, open_pages: Open
) -> None:
    """Gone or changed, in one sentence; all other pages are as they were."""
    files = {file.symbol: file for file in objects(lake)}
    changed, gone = (place(lake, files[one]) for one in ("BTC_USD", "ETH_USD"))
    changed.write_bytes(changed.read_bytes()[::-1])
    gone.unlink()
    pages = open_pages(lake)
    for folder, path, said in (
        ("BTC_USD", changed, "is not as it was committed"),
        ("ETH_USD", gone, "is not there, although the commit log names it"),
    ):
        answer = pages.get(f"/pair/{folder}")
        assert answer.status_code == 503
        assert f"{path} {said}" in answer.text
        assert "kraken-lake verify" in answer.text
    for path in ("/contract", "/quarantine", "/completeness", "/completeness/BTC_USD"):
        assert pages.get(path).status_code == 200
