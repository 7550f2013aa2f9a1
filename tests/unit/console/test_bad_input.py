from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from tests.unit.console.conftest import AT
from tests.unit.console.lakes import land, synthetic

Open = Callable[..., TestClient]
PAGES = ("/", "/pipeline", "/contract", "/completeness", "/quarantine")


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/pair/NO_SUCH", 404, "no trade of NO/SUCH"),
        ("/pair/..%2f..%2fetc%2fpasswd", 404, "There is no page"),
        ("/pair/NO_SUCH/candles.json", 404, "no trade of NO/SUCH"),
        ("/pair/NO_SUCH/events", 404, "no trade of NO/SUCH"),
        ("/completeness/NO_SUCH", 404, "no trade of NO/SUCH"),
        ("/completeness/BTC_USD/2026-13-99T99", 404, "names no hour"),
        ("/completeness?day=soon", 400, "names no day"),
        ("/completeness/BTC_USD?month=2026-13", 400, "names no month"),
        ("/pair/BTC_USD/candles.json?from=x", 400, "is not a time"),
        ("/pair/BTC_USD/candles.json?from=nan", 400, "is not a time"),
        ("/pair/BTC_USD/candles.json?from=-1", 400, "out of range"),
        ("/pair/BTC_USD/candles.json?to=1e300", 400, "is not a time"),
        ("/pair/BTC_USD/candles.json?from=2&to=1", 400, "ends before it begins"),
        ("/nothing/here", 404, "There is no page"),
        ("/static/../app.py", 404, "There is no page"),
        ("/static/%2e%2e/app.py", 404, "There is no page"),
    ],
)
def test_an_address_that_means_nothing_gets_a_page(
    pages: TestClient, path: str, status: int, said: str
) -> None:
    """With the status that fits and a sentence; no traceback."""
    answer = pages.get(path)
    assert answer.status_code == status
    assert said in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("query", ["from=1&to=2", "from=9000000000", "to=1"])
def test_times_outside_the_lake_give_no_candles(pages: TestClient, query: str) -> None:
    """They are valid times, where nothing was traded."""
    answer = pages.get(f"/pair/BTC_USD/candles.json?{query}")
    assert (answer.status_code, answer.json()["candles"]) == (200, [])


def test_no_lake_is_said(layout: LakeLayout, open_pages: Open) -> None:
    """And how to get one. The contract and the pipeline need no lake."""
    pages = open_pages(layout)
    assert "There is no lake of KRAKEN" in pages.get("/").text
    assert pages.get("/").status_code == 404
    assert pages.get("/contract").status_code == 200
    assert pages.get("/pipeline").status_code == 200


def test_a_lake_without_a_trade_is_said(layout: LakeLayout, open_pages: Open) -> None:
    """It is empty, not broken."""
    layout.commits.mkdir(parents=True)
    pages = open_pages(layout)
    for path in PAGES:
        assert pages.get(path).status_code == 200
    assert "No trade has landed yet" in pages.get("/").text
    assert "Nothing is in quarantine" in pages.get("/quarantine").text


def test_a_damaged_commit_is_said_on_every_page(lake: LakeLayout, open_pages: Open) -> None:
    """What landed before it is still shown."""
    land(lake, {"BTC/USD": synthetic(201, 5, AT.replace(hour=22))})
    CommitLog(lake.commits).path(2).write_text("{ damaged")
    pages = open_pages(lake)
    for path in ("/", "/pipeline", "/contract", "/completeness"):
        answer = pages.get(path)
        assert answer.status_code == 200
        assert "cannot be read further" in answer.text
    assert "190" in pages.get("/").text


def test_a_missing_commit_is_said(lake: LakeLayout, open_pages: Open) -> None:
    """The pages show the lake up to it, and name it."""
    for number in (2, 3):
        first_id = 201 + 5 * number
        land(lake, {"BTC/USD": synthetic(first_id, 5, AT.replace(hour=22))})
    CommitLog(lake.commits).path(2).unlink()
    assert "Commit 2 is missing" in open_pages(lake).get("/").text


def test_a_missing_file_is_said(lake: LakeLayout, open_pages: Open) -> None:
    """With the command that names all such files."""
    for path in lake.trades.glob("**/symbol=ETH_USD/*.parquet"):
        path.unlink()
    answer = open_pages(lake).get("/pair/ETH_USD")
    assert answer.status_code == 503
    assert "kraken-lake verify" in answer.text
    assert "Traceback" not in answer.text


def test_an_old_lake_is_said_to_be_stale(lake: LakeLayout, open_pages: Open) -> None:
    """Its newest commit is from long ago."""
    path = CommitLog(lake.commits).path(1)
    text = path.read_text()
    at = text.index('"committed_at":"') + len('"committed_at":"')
    path.write_text(text[:at] + "2026-01-30T18:00:00Z" + text[text.index('"', at) :])
    pages = open_pages(lake)
    assert "Nothing has landed for" in pages.get("/").text
    assert pages.get("/health").json()["lake"] == "stale"


def test_a_file_outside_the_lake_cannot_be_read(lake: LakeLayout, open_pages: Open) -> None:
    """Even if a commit names one."""
    outside = lake.base.parent / "outside.parquet"
    inside = next(lake.trades.glob("**/symbol=ETH_USD/*.parquet"))
    outside.write_bytes(inside.read_bytes())
    path = CommitLog(lake.commits).path(1)
    name = lake.relative(inside)
    folder = name.rpartition("/")[0]
    path.write_text(path.read_text().replace(name, f"{folder}/../../../../../../../{outside.name}"))
    answer = open_pages(lake).get("/pair/ETH_USD")
    assert answer.status_code in {404, 503}
