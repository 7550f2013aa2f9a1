"""Two questions that the pages are for, asked in a browser from the first page on."""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from lake.layout import LakeLayout
from tests.integration.console.conftest import Serve
from tests.unit.console.lakes import land, synthetic


def test_the_first_page_says_whether_yesterday_is_complete(
    layout: LakeLayout, serve: Serve, page: Page, record_property: Callable[[str, object], None]
) -> None:
    """Without a click; one leads to the hours, and one more to the command that mends."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = synthetic(1, 2880, midnight - timedelta(hours=47), timedelta(minutes=1))
    gap = [row for row in rows if not 1700 <= row[0] <= 1709]
    land(layout, {"BTC/USD": gap, "ETH/USD": rows})
    address = serve(layout)
    started = time.monotonic()
    page.goto(address)
    for pair, said in (("BTC_USD", "10 ids missing"), ("ETH_USD", "complete")):
        cell = page.locator(f'[data-key="{pair}"] [data-cell="yesterday"]')
        expect(cell).to_have_text(said)
    answered = time.monotonic() - started
    page.locator('[data-key="BTC_USD"] [data-cell="yesterday"] a').click()
    row = page.get_by_role("row", name="BTC/USD")
    expect(row).to_contain_text("10 ids missing")
    row.locator("a.cell.partly").first.click()
    expect(page.locator("code.command")).to_contain_text("kraken-lake backfill --pair 'BTC/USD'")
    mended = time.monotonic() - started
    for name, seconds in (("answer, no click", answered), ("command, two clicks", mended)):
        record_property(name, round(seconds, 2))
        sys.stdout.write(f"{name}: {seconds:.2f} s\n")
