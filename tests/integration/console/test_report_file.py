"""The report in a browser, opened as a file without any server."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page, expect

from console.report.asking import ask_services
from console.report.page import report_html
from lake.layout import LakeLayout
from tests.unit.console.conftest import site_without_services
from tests.unit.lake.lakes import quarantine


@pytest.fixture
def address(lake: LakeLayout, tmp_path: Path) -> str:
    """The report on the small lake."""
    quarantine(lake, [(b"<img src=x onerror=document.title='run'>", b"\x00")])
    site = site_without_services(lake)
    site.view.index.refresh()
    path = tmp_path / "lake.html"
    path.write_text(report_html(ask_services(site), datetime.now(UTC)), encoding="utf-8")
    return path.as_uri()


def test_its_charts_last_candle_is_duckdbs_own_sum(
    lake: LakeLayout, address: str, page: Page
) -> None:
    """It is drawn from the file; nothing else is asked for, and no script is refused."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_selector(".chart[data-ready]")
    last, volume = page.evaluate("[reportCharts[0].last(), reportCharts[0].lastVolume()]")
    found = duckdb.execute(f"""
        SELECT arg_min(price, trade_id)::DOUBLE, max(price)::DOUBLE, min(price)::DOUBLE,
               arg_max(price, trade_id)::DOUBLE, sum(volume)::DOUBLE
        FROM read_parquet('{lake.trades}/**/*.parquet', hive_partitioning = true)
        WHERE symbol = 'BTC_USD' AND epoch_us(executed_at) // 1000000 >= {last["time"]}
    """).fetchone()
    shown = (last["open"], last["high"], last["low"], last["close"], volume["value"])
    assert shown == found
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert page.locator("main canvas").count() > 0
    assert page.title() != "run"


def test_its_tables_need_no_javascript(address: str, browser: Browser) -> None:
    """Pairs, hours with the command that mends them, tape and quarantine."""
    with browser.new_context(java_script_enabled=False) as context:
        plain = context.new_page()
        plain.goto(address)
        expect(plain.locator('[data-cell="trades"]')).to_have_text("530")
        expect(plain.locator(".tape-box tbody tr")).to_have_count(50)
        expect(plain.locator("#completeness")).to_contain_text("kraken-lake backfill")
        expect(plain.locator("#quarantine")).to_contain_text("<img src=x")
        assert plain.locator("main img").count() == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_it_is_no_wider_than_the_window(address: str, page: Page, width: int) -> None:
    """Wide tables scroll by themselves."""
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(address)
    page.wait_for_selector(".chart[data-ready]")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
