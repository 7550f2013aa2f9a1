"""The pages and the daily report as programs, over a lake in an object store."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.report.daily import daily_path
from lake.layout import LakeLayout
from lake.log.snapshot import read_snapshot
from lake.storage.object_client import open_store
from tests.object_store.lakes import fresh_clients, layout
from tests.ports import free_port
from tests.unit.console.lakes import land, synthetic
from tests.unit.lake.lakes import quarantine

__all__ = ["fresh_clients", "layout"]

pytestmark = pytest.mark.timeout(1800)
PAGES = (
    "/",
    "/pipeline",
    "/contract",
    "/quarantine",
    "/completeness",
    "/completeness/BTC_USD",
    "/pair/BTC_USD",
    "/pair/BTC_USD/candles.json",
)
PATIENCE = 300.0


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """No broker, no registry, a folder for temporary files, and a free port, which it returns."""
    monkeypatch.chdir(tmp_path)
    port = free_port()
    for name, value in {
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "SCHEMA_REGISTRY_URL": "http://127.0.0.1:1",
        "CONSOLE_PORT": str(port),
        "TMPDIR": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }.items():
        monkeypatch.setenv(name, value)
    return port


@pytest.fixture
def port(environment: int, lake: LakeLayout) -> Iterator[int]:
    """The pages over a lake with a pair and a record in quarantine, as their own program."""
    quarantine(lake, [(b"BTC/USD", b"\x00\xff")])
    command = (sys.executable, "-m", "console")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "The lake's pages are at http://127.0.0.1:" in process.stdout.readline()
            yield environment
        finally:
            process.kill()


def asked(port: int, path: str) -> http.client.HTTPResponse:
    """The answer of a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", path)
    return connection.getresponse()


def test_the_pages_are_served_and_follow_the_lake(
    port: int, lake: LakeLayout, now: datetime
) -> None:
    """Each answers, and a trade that lands is sent to who looks, without a reload."""
    for path in PAGES:
        answer = asked(port, path)
        assert (answer.status, path) == (200, path)
        assert answer.read()
    candles = json.loads(asked(port, "/pair/BTC_USD/candles.json").read())["candles"]
    assert sum(one["trades"] for one in candles) == 530
    number = json.loads(asked(port, "/health").read())["commit"]
    assert number == read_snapshot(lake).number
    events = asked(port, f"/pair/BTC_USD/events?after={number}")
    land(lake, {"BTC/USD": synthetic(541, 3, now)})
    until = time.monotonic() + PATIENCE
    while (line := events.readline().decode().strip()) != "event: trades":
        assert time.monotonic() < until, line
    sent = json.loads(events.readline().decode().removeprefix("data: "))
    assert [one["id"] for one in sent["trades"]] == [543, 542, 541]
    assert 'data-cell="trades">533<' in asked(port, "/").read().decode()


@pytest.mark.usefixtures("environment")
def test_the_daily_report_is_written_to_the_store(lake: LakeLayout) -> None:
    """By the command, with the tables and charts of the pages."""
    command = (sys.executable, "-m", "lake", "report", "--daily")
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    assert ended.returncode == 0, ended.stderr
    days = datetime.now(UTC).date(), (datetime.now(UTC) - timedelta(days=1)).date()
    (written,) = [path for day in days if (path := daily_path(lake, day)).exists()]
    assert ended.stdout.startswith(f"{written}: commit {read_snapshot(lake).number}, ")
    stored = open_store(written.bucket).get(written.key)
    assert stored.attributes["Content-Type"] == "text/html; charset=utf-8"
    html = written.read_bytes().decode()
    assert 'data-cell="trades">530<' in html
    assert "kraken-lake backfill --pair &#39;BTC/USD&#39;" in html
    assert "127.0.0.1:1" in html
