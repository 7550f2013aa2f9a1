"""What a browser shows of addresses and lakes that are not as they should be."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from tests.integration.console.conftest import Serve
from tests.unit.console.lakes import compact, land, synthetic


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/pair/NO_SUCH", "The lake has no trade of NO/SUCH"),
        ("/completeness?day=soon", "soon names no day"),
        ("/completeness/BTC_USD/2026-13-99T99", "names no hour"),
        ("/completeness?day=0001-01-01", "Completeness"),
        ("/completeness?day=9999-12-31", "Completeness"),
        ("/nothing", "There is no page at this address"),
    ],
)
def test_an_address_that_means_nothing_is_a_page_with_a_way_on(
    lake: LakeLayout, serve: Serve, page: Page, path: str, said: str
) -> None:
    """A sentence, and the links to the other pages."""
    page.goto(serve(lake) + path)
    expect(page.locator("main")).to_contain_text(said)
    page.get_by_role("link", name="Pairs", exact=True).click()
    expect(page.locator("#pairs tbody tr")).to_have_count(1)


def test_a_folder_without_a_lake_says_how_to_get_one(
    layout: LakeLayout, serve: Serve, page: Page
) -> None:
    """On every page that needs one."""
    address = serve(layout)
    for path in ("/", "/completeness", "/quarantine"):
        page.goto(address + path)
        expect(page.locator("main")).to_contain_text("There is no lake of KRAKEN")
        expect(page.locator("main")).to_contain_text("make run")


def test_the_first_page_appears_by_itself_once_there_is_a_lake(
    layout: LakeLayout, serve: Serve, page: Page, now: datetime
) -> None:
    """Opened before the pipeline has made a folder, then a commit."""
    page.goto(serve(layout))
    expect(page.locator("main")).to_contain_text("looks again every five seconds")
    layout.commits.mkdir(parents=True)
    expect(page.locator("main")).to_contain_text("No trade has landed yet")
    land(layout, {"BTC/USD": synthetic(1, 5, now)})
    expect(page.locator("#pairs tbody tr")).to_have_count(1)


@pytest.mark.parametrize("damage", ["damaged", "missing"])
def test_a_log_that_cannot_be_read_is_said_at_the_top(
    lake: LakeLayout, serve: Serve, page: Page, damage: str
) -> None:
    """While what landed before is shown; live, on a page that was open."""
    address = serve(lake)
    page.goto(address)
    expect(page.locator("#pairs tbody tr")).to_have_count(1)
    log = CommitLog(lake.commits)
    if damage == "damaged":
        log.path(2).write_text("{ damaged")
        said = "cannot be read further"
    else:
        log.path(3).write_text(log.path(1).read_text())
        said = "Commit 2 is missing"
    expect(page.locator("#status.broken")).to_contain_text(said)
    page.goto(f"{address}/pipeline")
    expect(page.locator("#steps li.down h2")).to_contain_text(["Kafka", "Commit log"])


def test_a_lake_that_is_compacted_meanwhile_is_shown_on(
    lake: LakeLayout, serve: Serve, page: Page, now: datetime
) -> None:
    """The open page loads its chart from the new files, and an hour names its one file."""
    land(lake, {"BTC/USD": synthetic(541, 10, now - timedelta(seconds=5))})
    page.goto(f"{serve(lake)}/pair/BTC_USD")
    page.wait_for_selector("#chart[data-ready]")
    compact(lake)
    page.get_by_role("button", name="All", exact=True).click()
    page.wait_for_selector('#chart[data-ready="2"]')
    expect(page.locator("#chart-note")).to_be_hidden()
    page.get_by_role("link", name="Completeness").last.click()
    page.locator("a.cell:not(.nothing)").last.click()
    expect(page.locator("main table tbody tr")).to_have_count(1)


def test_a_registry_that_is_down_leaves_the_catalogue(
    lake: LakeLayout, serve: Serve, page: Page
) -> None:
    """Its fault is named, and the fields are shown."""
    page.goto(f"{serve(lake)}/contract")
    expect(page.locator("main")).to_contain_text("no answer from the registry at nowhere")
    expect(page.get_by_role("row", name=re.compile("^trade_id"))).to_be_visible()


def test_a_time_span_without_a_trade_is_said_beside_the_chart(
    lake: LakeLayout, serve: Serve, page: Page
) -> None:
    """The chart stays, and another span can be chosen."""
    page.goto(f"{serve(lake)}/pair/BTC_USD")
    page.wait_for_selector("#chart[data-ready]")
    page.evaluate("document.querySelector('[data-live=\"age\"]').dataset.at = '1000000000'")
    page.get_by_role("button", name="1 min", exact=True).click()
    expect(page.locator("#chart-note")).to_have_text("No trade in this time span.")
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.locator("#chart-note")).to_be_hidden()
