"""The pages over a small lake, served at a free port, and a browser that looks at them."""

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from console.app import build_app
from console.settings import ConsoleSettings
from lake.layout import LakeLayout
from tests.unit.console.conftest import site_without_services
from tests.unit.console.lakes import land, synthetic

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
PATIENCE_MS = 120_000
Serve = Callable[[LakeLayout], str]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window; its sandbox does not work for root."""
    if BROWSER is None:
        pytest.skip("there is no browser: apt-get install chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox"], timeout=PATIENCE_MS
        )
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A window of its own."""
    opened = browser.new_context(viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page; no script of it may fail, and none may be refused by the policy."""
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "console",
        lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None,
    )
    yield opened
    assert faults == []


@pytest.fixture
def layout(tmp_path: Path) -> LakeLayout:
    """An empty place for a lake."""
    return LakeLayout(base=tmp_path / "data", exchange="KRAKEN")


@pytest.fixture
def now() -> datetime:
    """The time at which a lake's newest trade was executed."""
    return datetime.now(UTC)


@pytest.fixture
def lake(layout: LakeLayout, now: datetime) -> LakeLayout:
    """Three hours of BTC/USD up to now, a trade every 20 seconds, ids 200 to 209 missing."""
    rows = synthetic(1, 540, now - timedelta(hours=3), timedelta(seconds=20))
    land(layout, {"BTC/USD": [row for row in rows if not 200 <= row[0] <= 209]})
    return layout


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves the pages over a lake; returns their address."""
    with ExitStack() as at_end:

        def serving(layout: LakeLayout) -> str:
            listening = at_end.enter_context(socket.socket())
            listening.bind(("127.0.0.1", 0))
            listening.listen()  # A browser that comes before the server is ready waits.
            app = build_app(site_without_services(layout), ConsoleSettings())
            config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()

            def stop() -> None:
                server.should_exit = True
                thread.join()

            at_end.callback(stop)
            return f"http://127.0.0.1:{listening.getsockname()[1]}"

        yield serving
