import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from starlette.testclient import TestClient

from lake.layout import LakeLayout
from tests.unit.console.conftest import AT
from tests.unit.console.lakes import compact, land, synthetic
from tests.unit.lake.lakes import quarantine

Open = Callable[..., TestClient]
START = int(AT.timestamp())


def own_sum(lake: LakeLayout, where: str) -> tuple[int, Decimal]:
    """What DuckDB alone counts in the lake's files."""
    found = duckdb.execute(
        "SELECT count(*), sum(volume) FROM read_parquet("
        f"'{lake.trades}/**/*.parquet', hive_partitioning = true) WHERE {where}"
    ).fetchone()
    assert found is not None
    return found


def test_pairs_are_listed_with_price_and_missing_ids(pages: TestClient) -> None:
    """Each pair has its last price, its trades, and how many ids are missing."""
    text = pages.get("/").text
    assert "BTC/USD" in text
    assert "ETH/USD" in text
    assert 'data-cell="trades">190<' in text
    assert '<a href="/completeness/BTC_USD">10</a>' in text


@pytest.mark.parametrize(("order", "first"), [("asc", "ETH"), ("desc", "BTC")])
def test_pairs_are_sorted_without_javascript(pages: TestClient, order: str, first: str) -> None:
    """The links in the table's head sort it on the server."""
    text = pages.get(f"/?sort=trades&order={order}").text
    rows = text[text.index("<tbody>") :]
    others = {"ETH": "BTC", "BTC": "ETH"}
    assert rows.index(f">{first}/USD<") < rows.index(f">{others[first]}/USD<")


def test_the_tape_begins_with_the_newest_trade(pages: TestClient) -> None:
    """And says on which side the taker was."""
    text = pages.get("/pair/BTC_USD").text
    assert text.index('data-id="200"') < text.index('data-id="199"')
    assert "100.0" not in text[: text.index('data-id="200"')].rpartition('id="tape"')[2]


def test_candles_are_duckdbs_own_sums(pages: TestClient, lake: LakeLayout) -> None:
    """Count and volume of all candles together, and the last candle alone."""
    data = pages.get("/pair/BTC_USD/candles.json").json()
    count, volume = own_sum(lake, "symbol = 'BTC_USD'")
    assert sum(one["trades"] for one in data["candles"]) == count
    assert sum(Decimal(str(one["volume"])) for one in data["candles"]) == volume
    last = data["candles"][-1]
    inside = own_sum(
        lake, f"symbol = 'BTC_USD' AND epoch_us(executed_at) >= {last['time'] * 1_000_000}"
    )
    assert (last["trades"], Decimal(str(last["volume"]))) == inside


@pytest.mark.parametrize(("seconds", "width"), [(60, 1), (3600, 15), (3 * 3600, 60)])
def test_candles_get_narrower_with_the_view(pages: TestClient, seconds: int, width: int) -> None:
    """As many candles as a chart can show, and those alone that are in view."""
    start = START + 1800
    data = pages.get(f"/pair/BTC_USD/candles.json?from={start}&to={start + seconds}").json()
    assert data["width"] == width
    assert data["candles"]
    assert all(start - width < one["time"] < start + seconds for one in data["candles"])


def trades_in(answer: dict[str, Any]) -> int:
    """The trades of all candles."""
    return sum(one["trades"] for one in answer["candles"])


def test_candles_stay_the_same_over_compaction(pages: TestClient, lake: LakeLayout) -> None:
    """The files are others afterwards, the trades are not; a page read meanwhile is whole."""
    before = pages.get("/pair/BTC_USD/candles.json").json()
    land(lake, {"BTC/USD": synthetic(90, 10, AT.replace(hour=19))})
    compact(lake)
    count, _ = own_sum(lake, "symbol = 'BTC_USD'")
    assert count == trades_in(before) + 10
    # The pages follow the log a few times a second.
    deadline = time.monotonic() + 30
    while trades_in(pages.get("/pair/BTC_USD/candles.json").json()) != count:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_hour_names_the_command_that_mends_it(pages: TestClient) -> None:
    """Missing ids are named, and the backfill of that hour."""
    text = pages.get("/completeness/BTC_USD/2026-01-30T19").text
    assert "Missing ids 90 to 99." in text
    assert "kraken-lake backfill --pair &#39;BTC/USD&#39; --from 2026-01-30T19:00:00Z" in text


def test_the_calendars_link_to_each_hour(pages: TestClient) -> None:
    """A day has all pairs, a month one pair; a cell says its state in words, too."""
    day = pages.get("/completeness?day=2026-01-30").text
    month = pages.get("/completeness/BTC_USD?month=2026-01").text
    for text in (day, month):
        assert 'class="cell partly" href="/completeness/BTC_USD/2026-01-30T19"' in text
        assert "partly, " in text


def test_the_first_page_says_whether_yesterday_is_complete(
    layout: LakeLayout, open_pages: Open
) -> None:
    """Per pair, with a link to the hours of that day."""
    noon = datetime.now(UTC).replace(hour=12, minute=0) - timedelta(days=1)
    rows = synthetic(1, 60, noon - timedelta(days=1), timedelta(hours=1))
    land(layout, {"BTC/USD": rows, "ETH/USD": [row for row in rows if row[0] != 20]})
    text = open_pages(layout).get("/").text
    address = f'<a href="/completeness?day={noon:%Y-%m-%d}">'
    assert f'data-cell="yesterday">{address}complete</a>' in text
    assert f'data-cell="yesterday">{address}1 id missing</a>' in text


def test_the_pipeline_says_which_step_is_down(pages: TestClient) -> None:
    """A broker that does not answer is named; the lake's own steps are shown all the same."""
    text = pages.get("/pipeline").text
    assert "Kafka is down: no answer from Kafka at nowhere" in text
    assert '<code class="command">kraken-lake monitor services</code>' in text
    assert "Commit 1 is the newest." in text


def test_the_contract_is_shown_without_a_registry(pages: TestClient) -> None:
    """From the catalogue: subjects, fields, versions; and that the registry does not answer."""
    text = pages.get("/contract").text
    assert "no answer from the registry at nowhere" in text
    assert "kraken.trades-value" in text
    assert "FULL_TRANSITIVE" in text
    assert "Adds feed" in text


def test_the_quarantine_shows_bytes_as_text(lake: LakeLayout, open_pages: Open) -> None:
    """In hexadecimal and escaped, whatever a sender wrote."""
    record = (b"BTC/USD", b"<script>alert(1)</script>\x00\xff")
    quarantine(lake, [record, record], times=[1_769_796_000_123_456, 10**18])
    text = open_pages(lake).get("/quarantine").text
    assert "2026-01-30 18:00:00<" in text
    assert "no magic byte. +33658-09-27 01:46:40." in text
    assert "3c 73 63 72 69 70 74 3e" in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;··" in text


def test_a_symbol_in_the_shape_of_html_stays_text(lake: LakeLayout, open_pages: Open) -> None:
    """On every page that names it."""
    evil = "<img src=x onerror=alert(1)>/USD"
    land(lake, {evil: synthetic(1, 5, AT)})
    pages = open_pages(lake)
    folder = "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E_USD"
    paths = ("/", f"/pair/{folder}", "/completeness", f"/completeness/{folder}")
    for path in (*paths, f"/completeness/{folder}/2026-01-30T18"):
        answer = pages.get(path)
        assert answer.status_code == 200
        assert "&lt;img src=x" in answer.text
        assert "<img src=x" not in answer.text
