import base64
import hashlib
import json
import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from console.report.__main__ import app, main
from console.report.asking import ask_services
from console.report.daily import KEPT, daily_path, make_folder, remove_old
from console.report.page import report_html
from lake.layout import LakeLayout
from tests.unit.console.conftest import AT, site_without_services
from tests.unit.console.lakes import land, synthetic
from tests.unit.lake.lakes import quarantine

NOW = datetime(2026, 1, 31, 6, tzinfo=UTC)


def report(layout: LakeLayout, *symbols: str) -> str:
    """The report on a lake whose broker and registry are down."""
    site = site_without_services(layout)
    site.view.index.refresh()
    return report_html(ask_services(site), NOW, symbols)


def candles(html: str) -> list[list[dict[str, float]]]:
    """The candles of each chart."""
    texts = re.findall(r'<script type="application/json">(.*?)</script>', html)
    return [json.loads(text) for text in texts]


@pytest.fixture
def served(layout: LakeLayout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> LakeLayout:
    """A place for a lake that the command reports on; broker and registry are down."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(layout.base))
    monkeypatch.setattr("console.report.__main__.os.nice", lambda _: 0)
    monkeypatch.setattr(
        "console.report.__main__.build_site", lambda given, *_: site_without_services(given)
    )
    return layout


def test_it_says_when_it_was_written_and_of_which_commit(lake: LakeLayout) -> None:
    """Everything in it is of that moment."""
    html = report(lake)
    assert "2026-01-31 06:00:00 UTC" in html
    assert "as of commit <b>1</b>" in html


def test_it_holds_the_tables_of_the_pages(lake: LakeLayout) -> None:
    """Pairs, the hour that lacks ids with its command, tape, pipeline, contract, quarantine."""
    quarantine(lake, [(b"BTC/USD", b"\x00\xff")])
    html = report(lake)
    for said in (
        'data-cell="trades">190<',
        "Missing ids 90 to 99.",
        "kraken-lake backfill --pair &#39;BTC/USD&#39; --from 2026-01-30T19:00:00Z",
        'class="cell partly"',
        'data-id="200"',
        "Kafka is down: no answer from Kafka at nowhere",
        "no answer from the registry at nowhere",
        "Adds feed",
        "00 ff",
    ):
        assert said in html


def test_its_charts_hold_the_candles_of_the_pages(lake: LakeLayout, pages: TestClient) -> None:
    """Those of the whole lake, since it is shorter than a week."""
    shown = [pages.get(f"/pair/{one}/candles.json").json() for one in ("BTC_USD", "ETH_USD")]
    assert candles(report(lake)) == [one["candles"] for one in shown]


def test_it_needs_nothing_but_itself(lake: LakeLayout) -> None:
    """No address but its own parts and data, no style or script outside the policy."""
    html = report(lake)
    markup = re.sub(r"<(script|style|pre)>.*?</\1>", "", html, flags=re.DOTALL)
    targets = re.findall(r'(?:href|src|action)="([^"]*)"', markup)
    assert targets
    assert [one for one in targets if not one.startswith(("#", "data:"))] == []
    assert " style=" not in markup
    assert " onclick" not in markup
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy


def test_every_link_in_it_has_a_target(lake: LakeLayout) -> None:
    """A name that leads nowhere would be a promise not kept."""
    html = report(lake)
    ids = set(re.findall(r' id="([^"]*)"', html))
    assert set(re.findall(r'href="#([^"]*)"', html)) <= ids


def test_text_from_outside_stays_text(lake: LakeLayout) -> None:
    """In a symbol and in quarantine, whatever a sender wrote."""
    evil = "<img src=x onerror=alert(1)>"
    land(lake, {f"{evil}\"'</script>/USD": synthetic(1, 5, AT)})
    quarantine(lake, [(evil.encode(), b"</script><script>alert(1)</script>")])
    html = report(lake)
    assert "&lt;img src=x" in html
    assert "<img" not in html
    assert "<script>alert" not in html


def test_a_damaged_log_is_said(lake: LakeLayout) -> None:
    """The report is that of what could be read."""
    land(lake, {"BTC/USD": synthetic(201, 5, AT.replace(hour=22))})
    newest = max(lake.commits.glob("*.json"))
    newest.write_text("{ damaged")
    assert "cannot be read further" in report(lake)


def test_a_damaged_file_is_said_where_it_is_needed(lake: LakeLayout) -> None:
    """The rest of the report is there."""
    for path in lake.trades.glob("**/symbol=ETH_USD/*.parquet"):
        path.unlink()
    html = report(lake)
    assert "A file cannot be read" in html
    assert "<code>kraken-lake verify</code> names damaged files" in html
    assert "Missing ids 90 to 99." in html
    assert len(candles(html)[0]) > 0


def test_one_pair_can_be_chosen(lake: LakeLayout) -> None:
    """The others are left out everywhere."""
    html = report(lake, "ETH/USD")
    assert "ETH/USD" in html
    assert "BTC/USD<" not in html


def test_a_lake_without_a_trade_has_a_report(layout: LakeLayout) -> None:
    """It is empty, not broken."""
    layout.commits.mkdir(parents=True)
    assert "No trade has landed yet" in report(layout)


@pytest.mark.usefixtures("served", "lake")
def test_the_command_writes_the_file_and_says_where() -> None:
    """With commit and size; nothing else is left beside it."""
    ended = CliRunner().invoke(app, ["lake.html"])
    assert ended.exit_code == 0, ended.output
    assert ended.output.startswith("lake.html: commit 1, ")
    assert [one.name for one in Path().iterdir() if one.is_file()] == ["lake.html"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a FILE, or give --daily"),
        (["lake.html", "--daily"], "name a FILE, or give --daily"),
        (["nowhere/lake.html"], "there is no folder nowhere"),
        (["."], "is a folder"),
    ],
)
@pytest.mark.usefixtures("served")
def test_a_place_that_cannot_be_written_is_refused(arguments: list[str], said: str) -> None:
    """Before anything is read or asked."""
    ended = CliRunner().invoke(app, arguments)
    assert ended.exit_code == 2
    assert said in ended.output.replace("\n", " ").replace("│", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lake.html", "--pair", "NO/SUCH"], "The lake has no trade of NO/SUCH"),
        (["lake.html"], "There is no lake of KRAKEN"),
    ],
)
@pytest.mark.usefixtures("served")
def test_a_report_that_cannot_be_made_leaves_the_one_before(
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    """It ends with status 1 and a sentence."""
    if "--pair" in arguments:
        request.getfixturevalue("lake")
    Path("lake.html").write_text("before")
    with pytest.raises(SystemExit) as ended:
        main(lambda: app(arguments, standalone_mode=False))
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith(f"console.report: {said}")
    assert Path("lake.html").read_text() == "before"


@pytest.mark.usefixtures("served")
def test_one_report_a_day_is_kept(lake: LakeLayout) -> None:
    """A second run of a day replaces the first."""
    for _ in range(2):
        ended = CliRunner().invoke(app, ["--daily"])
        assert ended.exit_code == 0, ended.output
    (found,) = lake.reports.iterdir()
    assert found == daily_path(lake, datetime.now(UTC).date())


def test_only_the_newest_reports_are_kept(lake: LakeLayout) -> None:
    """Files of other names stay; what a killed program left goes after a day."""
    make_folder(lake)
    for day in range(1, 32):
        daily_path(lake, NOW.date().replace(day=day)).touch()
    (lake.reports / "notes.html").touch()
    for name, hours in ((".2026-01-01.html.0a", 25), (".2026-01-31.html.0b", 1)):
        (lake.reports / name).touch()
        at = time.time() - hours * 3600
        os.utime(lake.reports / name, (at, at))
    assert [one.name for one in remove_old(lake)] == ["2026-01-01.html"]
    names = {one.name for one in lake.reports.iterdir()}
    assert len(names) == KEPT + 2
    assert {"notes.html", ".2026-01-31.html.0b", "2026-01-31.html"} <= names
