import io
import json
import logging
import sys
from collections.abc import Iterator
from uuid import uuid4

import pytest
import structlog
from stamina.instrumentation import RetryDetails

from runtime.logs import configure_logging, log_retry


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    names = ("httpx", "httpcore", "httpx2", "httpcore2", "pyiceberg", "librdkafka")
    levels = {name: logging.getLogger(name).level for name in names}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)
    structlog.reset_defaults()


def test_json_lines_hold_the_event_and_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    """One object a line, on stderr."""
    configure_logging("json", "info")
    structlog.get_logger().info("recorded", symbol="BTC/USD", trades=3)
    written = capsys.readouterr()
    line = json.loads(written.err)
    assert written.out == ""
    assert (line["event"], line["level"], line["symbol"], line["trades"]) == (
        "recorded",
        "info",
        "BTC/USD",
        3,
    )
    assert line["timestamp"].endswith("Z")


def test_console_lines_are_for_reading(capsys: pytest.CaptureFixture[str]) -> None:
    """Without colours if the output is no terminal."""
    configure_logging("console", "info")
    structlog.get_logger().warning("venue_failed", in_a_row=1)
    line = capsys.readouterr().err
    assert "venue_failed" in line
    assert "in_a_row=1" in line
    assert "\x1b" not in line


def test_the_level_hides_what_is_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Of our own lines and of the libraries'."""
    configure_logging("console", "warning")
    structlog.get_logger().info("hidden")
    logging.getLogger("some.library").info("hidden")
    logging.getLogger("some.library").warning("shown")
    assert "hidden" not in (line := capsys.readouterr().err)
    assert "shown" in line


@pytest.mark.parametrize("library", ["httpx", "pyiceberg.io", "librdkafka"])
def test_chatty_libraries_are_kept_quiet(capsys: pytest.CaptureFixture[str], library: str) -> None:
    """They would write more lines than there are polls."""
    configure_logging("console", "info")
    logging.getLogger(library).info("chatter")
    assert capsys.readouterr().err == ""


def test_debugging_shows_what_kafkas_client_says(capsys: pytest.CaptureFixture[str]) -> None:
    """They help to find a fault in a connection."""
    configure_logging("console", "debug")
    logging.getLogger("librdkafka").error("Connection refused")
    assert "Connection refused" in capsys.readouterr().err


def test_lines_go_to_what_stands_in_for_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    """A progress bar puts itself there, so that lines appear above it."""
    configure_logging("json", "info")
    above = io.StringIO()
    monkeypatch.setattr(sys, "stderr", above)
    structlog.get_logger().info("recorded")
    assert json.loads(above.getvalue())["event"] == "recorded"


def test_retries_are_logged_without_their_arguments() -> None:
    """A named call is logged by its name; a block without one has logged itself."""

    def logged(name: str) -> list[object]:
        details = RetryDetails(
            name=name,
            args=(object(),),
            kwargs={},
            retry_num=2,
            wait_for=0.512,
            waited_so_far=1.0,
            caused_by=ValueError("two\nlines"),
        )
        with structlog.testing.capture_logs() as lines:
            log_retry(details)
        return list(lines)

    assert logged("<context block>") == []
    assert logged("producer.kafka.publisher.Publisher._open") == [
        {
            "event": "tried_again",
            "log_level": "warning",
            "call": "open",
            "attempt": 2,
            "in_seconds": 0.51,
            "reason": "two lines",
        }
    ]


def test_a_traceback_shows_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    """A local variable may hold a password."""
    configure_logging("console", "info")
    password = uuid4().hex
    try:
        int("no number", base=len(password))
    except ValueError:
        logging.getLogger("some.library").exception("failed")
    shown = capsys.readouterr().err
    assert "ValueError" in shown
    assert password not in shown


def test_calls_from_sparks_jvm_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """There is one for each micro-batch."""
    configure_logging("json", "info")
    jvm = logging.getLogger("py4j.clientserver")
    jvm.setLevel(logging.INFO)
    jvm.info("Received command c on object id p0")
    jvm.setLevel(logging.NOTSET)
    assert capsys.readouterr().err == ""
