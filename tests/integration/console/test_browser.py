import json
import re
import time
from datetime import datetime, timedelta

import duckdb
import pytest
from playwright.sync_api import Page, Route, expect

from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from tests.integration.console.conftest import Serve
from tests.unit.console.lakes import land, synthetic
from tests.unit.lake.lakes import quarantine

EVIL = "<img src=x onerror=document.title='run'>"
VISIBLE_WITHIN = 10.0
"""Seconds. It takes less than two, but more on a machine that runs other tests as well."""


def test_the_charts_last_candle_is_duckdbs_own_sum(
    lake: LakeLayout, serve: Serve, page: Page
) -> None:
    """Open, high, low, close and volume of the last candle that the chart holds."""
    page.goto(f"{serve(lake)}/pair/BTC_USD")
    page.wait_for_selector("#chart[data-ready]")
    last, volume, width = page.evaluate(
        "[lakeChart.last(), lakeChart.lastVolume(), lakeChart.width()]"
    )
    found = duckdb.execute(f"""
        SELECT arg_min(price, trade_id)::DOUBLE, max(price)::DOUBLE, min(price)::DOUBLE,
               arg_max(price, trade_id)::DOUBLE, sum(volume)::DOUBLE
        FROM read_parquet('{lake.trades}/**/*.parquet', hive_partitioning = true)
        WHERE symbol = 'BTC_USD'
          AND epoch_us(executed_at) // 1000000 // {width} * {width} = {last["time"]}
    """).fetchone()
    shown = (last["open"], last["high"], last["low"], last["close"], volume["value"])
    assert shown == found


def test_a_trade_is_on_the_tape_within_two_seconds_of_its_commit(
    lake: LakeLayout, serve: Serve, page: Page, now: datetime
) -> None:
    """By the browser's own clock, which starts before the trade is landed."""
    page.goto(f"{serve(lake)}/pair/BTC_USD")
    page.wait_for_selector('#tape tr[data-id="540"]')
    page.wait_for_selector("#chart[data-ready]")
    page.evaluate(
        """() => { window.seen = new Promise((resolve) => new MutationObserver(() => {
            if (document.querySelector('#tape tr[data-id="541"]')) resolve(Date.now());
        }).observe(document.querySelector("#tape tbody"), {childList: true})); }"""
    )
    land(lake, {"BTC/USD": synthetic(541, 1, now)})
    seen = page.evaluate("window.seen") / 1000
    commit = CommitLog(lake.commits).read(2)
    assert commit is not None
    assert seen - commit.committed_at.timestamp() < VISIBLE_WITHIN
    assert page.locator("#tape tbody tr").first.get_attribute("data-id") == "541"


def test_a_trade_that_lands_while_the_browser_connects_is_shown(
    lake: LakeLayout, serve: Serve, page: Page, now: datetime
) -> None:
    """The live events begin where the page ends, however late they are asked for."""
    address = serve(lake)
    held: list[Route] = []
    # Playwright counts a handler's parameters, which a builtin does not tell.
    page.route(re.compile(r"/pair/BTC_USD/events"), lambda route: held.append(route))  # noqa: PLW0108
    page.goto(f"{address}/pair/BTC_USD")
    while not held:
        page.wait_for_timeout(20)
    land(lake, {"BTC/USD": synthetic(541, 1, now)})
    while page.request.get(f"{address}/health").json()["commit"] != 2:
        page.wait_for_timeout(20)
    held[0].continue_()
    page.wait_for_selector('#tape tr[data-id="541"]')


def test_a_planted_gap_turns_its_cell_and_heals(
    lake: LakeLayout, serve: Serve, page: Page, now: datetime
) -> None:
    """The cell of the hour without ids 200 to 209 is partly there, and whole once they landed."""
    executed = now - timedelta(hours=3) + 199 * timedelta(seconds=20)
    name = f"/completeness/BTC_USD/{executed:%Y-%m-%dT%H}"
    address = f"{serve(lake)}/completeness/BTC_USD?month={executed:%Y-%m}"
    page.goto(address)
    cell = page.locator(f'a.cell[href="{name}"]')
    assert "partly" in (cell.get_attribute("class") or "")
    cell.click()
    expect(page.locator("main")).to_contain_text("kraken-lake backfill")
    rows = synthetic(1, 540, now - timedelta(hours=3), timedelta(seconds=20))
    land(lake, {"BTC/USD": rows[199:209]})
    # The pages follow the log a few times a second, and this one is not live.
    page.goto(address)
    deadline = time.monotonic() + 30
    while "partly" in (cell.get_attribute("class") or ""):
        assert time.monotonic() < deadline
        page.goto(address)
    expect(cell).to_have_class("cell whole")


def test_a_lake_where_nothing_lands_is_shown_as_stale(
    lake: LakeLayout, serve: Serve, page: Page, now: datetime
) -> None:
    """The newest commit is old, as after the stream was killed; a new one clears it, live."""
    path = CommitLog(lake.commits).path(1)
    commit = json.loads(path.read_text())
    commit["committed_at"] = (now - timedelta(minutes=10)).isoformat()
    path.write_text(json.dumps(commit))
    page.goto(serve(lake))
    expect(page.locator("#status")).to_have_text(re.compile(r"Nothing has landed for \d+ min"))
    land(lake, {"BTC/USD": synthetic(541, 1, now)})
    expect(page.locator("#status")).to_be_hidden()
    expect(page.locator('[data-key="BTC_USD"] [data-cell="trades"]')).to_have_text("531")


def test_html_from_outside_stays_text(
    lake: LakeLayout, serve: Serve, page: Page, now: datetime
) -> None:
    """In a symbol, on live pages too, and in quarantine."""
    land(lake, {f"{EVIL}/USD": synthetic(1, 5, now)})
    quarantine(lake, [(EVIL.encode(), b"<script>document.title='run'</script>")])
    address = serve(lake)
    for path in ("/", "/completeness", "/quarantine"):
        page.goto(f"{address}{path}")
        expect(page.locator("main")).to_contain_text("<img src=x onerror")
        assert page.locator("main img").count() == 0
        assert page.title() != "run"
    page.goto(address)
    page.get_by_role("link", name=EVIL).click()
    expect(page.locator("h1")).to_contain_text("<img src=x onerror")
    land(lake, {f"{EVIL}/USD": synthetic(6, 1, now)})
    page.wait_for_selector('#tape tr[data-id="6"]')
    assert page.locator("main img").count() == 0


def test_tables_work_without_javascript(lake: LakeLayout, serve: Serve, page: Page) -> None:
    """The numbers are in the page itself."""
    browser = page.context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as context:
        plain = context.new_page()
        address = serve(lake)
        plain.goto(f"{address}/?sort=trades&order=desc")
        expect(plain.locator('[data-cell="trades"]')).to_have_text("530")
        plain.goto(f"{address}/pair/BTC_USD")
        expect(plain.locator("#tape tbody tr")).to_have_count(50)
        expect(plain.locator(".ranges")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_the_window(
    lake: LakeLayout, serve: Serve, page: Page, width: int
) -> None:
    """Wide tables scroll by themselves, on a telephone too."""
    page.set_viewport_size({"width": width, "height": 740})
    address = serve(lake)
    for path in ("/", "/pair/BTC_USD", "/completeness", "/completeness/BTC_USD", "/contract"):
        page.goto(f"{address}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_two_thousand_pairs_scroll(
    layout: LakeLayout, serve: Serve, page: Page, now: datetime
) -> None:
    """The last one is reached, the filter finds one, and sorting turns the order."""
    land(layout, {f"S{n:04d}/USD": synthetic(1, 1 + n % 3, now) for n in range(2000)})
    page.goto(serve(layout))
    expect(page.locator("#pairs tbody tr")).to_have_count(2000)
    last = page.locator('[data-key="S1999_USD"]')
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    page.locator('a[data-sort="pair"]').click()
    expect(page.locator("#pairs tbody tr").first).to_have_attribute("data-key", "S1999_USD")
    page.locator("#filter").fill("s0042")
    expect(page.locator("#pairs tbody tr:visible")).to_have_count(1)
