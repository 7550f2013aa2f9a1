"""The pages beside the running pipeline: what a person sees while trades come, and when they stop.

The pages are the real program, and so are producer, broker, registry and stream; Kraken is played.
"""

import os
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from infra.fake_kraken import DEFAULT_RECORDING, ReplayServer, load_recording, synthetic_tapes
from tests.integration.pipeline.conftest import BIN, running, wait_until
from tests.ports import free_port

pytestmark = pytest.mark.timeout(1800)
SAMPLES = 20
STARTS_MS = 300_000
"""A stream that starts on a busy machine takes minutes."""
PAIR = "SYN1_USDT"
STREAM = (str(BIN / "spark-submit"), "spark_consumer/main.py")
WATCH_TAPE = """() => {
    window.waits = [];
    const age = document.querySelector('[data-live="age"]');
    new MutationObserver(() => window.waits.push(Date.now() / 1000 - Number(age.dataset.at)))
        .observe(document.querySelector("#tape tbody"), {childList: true});
}"""


@dataclass(frozen=True)
class Recording:
    """The platform without its stream: trades come into Kafka, and the pages are served."""

    address: str
    environment: dict[str, str]
    logs: Path


@pytest.fixture
def recording(environment: dict[str, str], tmp_path: Path) -> Iterator[Recording]:
    """Two synthetic trades a second by WebSocket, from a minute ago on."""
    start = time.time_ns() - 60 * 10**9
    tapes = synthetic_tapes(load_recording(DEFAULT_RECORDING), count=10**6, rate=2.0, start=start)
    port = free_port()
    with ReplayServer(tapes) as kraken:
        settings = {
            **environment,
            "KRAKEN_API_URL": kraken.url,
            "KRAKEN_WEBSOCKET_URL": kraken.websocket_url,
            "KRAKEN_FEED": "websocket",
            "KRAKEN_PAIR": "SYN1/USDT",
            "START_FROM": "beginning",
            "BASE_OUTPUT_PATH": str(tmp_path / "data"),
            "CONSOLE_PORT": str(port),
        }
        python = (sys.executable, "-m")
        log = tmp_path / "console.log"
        with (
            running(*python, "producer", environment=settings, log=tmp_path / "producer.log"),
            running(*python, "console", environment=settings, log=log),
        ):
            wait_until(lambda: "http" in log.read_text(), "the pages are served", tmp_path)
            yield Recording(f"http://127.0.0.1:{port}", settings, tmp_path)


def test_trades_are_seen_as_they_come_and_a_killed_stream_is_seen_to_be_late(
    recording: Recording, page: Page, record_property: Callable[[str, object], None]
) -> None:
    """Live, without a reload; how long each takes is printed.

    From the first page one click leads to the step that stands still. The other direction needs
    none: the pages follow the stream that is started again.
    """

    def note(name: str, seconds: float) -> None:
        record_property(name, round(seconds, 2))
        sys.stdout.write(f"{name}: {seconds:.2f} s\n")

    log = recording.logs / "stream.log"
    with running(*STREAM, environment=recording.environment, log=log) as stream:

        def landed() -> bool:
            page.goto(recording.address)
            return page.locator(f'[data-key="{PAIR}"]').count() > 0

        wait_until(landed, "the pair is on the first page", recording.logs)
        page.goto(f"{recording.address}/pair/{PAIR}")
        page.wait_for_selector("#chart[data-ready]")
        page.evaluate(WATCH_TAPE)
        while len(waits := page.evaluate("window.waits")) < SAMPLES:
            page.wait_for_timeout(200)
        note("trade to tape, median", statistics.median(waits))
        note("trade to tape, longest", max(waits))
        ids = page.eval_on_selector_all(
            "#tape tbody tr", "rows => rows.map((row) => Number(row.dataset.id))"
        )
        assert ids == list(range(ids[0], ids[0] - len(ids), -1))

        page.goto(recording.address)
        expect(page.locator("#status")).to_be_hidden()
        os.killpg(stream.pid, signal.SIGKILL)
        killed = time.monotonic()
        expect(page.locator("#status")).to_contain_text("Nothing has landed for")
        note("kill to the bar on the first page", time.monotonic() - killed)
    page.locator("#status a").click()
    clicked = time.monotonic()
    expect(page.locator("#verdict .text")).to_contain_text("Spark is late")
    note("click to the answer", time.monotonic() - clicked)
    expect(page.locator("#verdict .text")).to_contain_text("offsets wait")
    expect(page.locator("#verdict .command")).to_have_text("kraken-lake stream")
    expect(page.locator("#steps li.late h2")).to_contain_text("Spark")

    with running(*STREAM, environment=recording.environment, log=log):
        again = time.monotonic()
        expect(page.locator("#verdict .text")).to_contain_text("Nothing is late", timeout=STARTS_MS)
        expect(page.locator("#status")).to_be_hidden()
        note("start of the stream to all clear", time.monotonic() - again)
