from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from spark_consumer import bootstrap
from spark_consumer.main import main
from spark_consumer.write.stream import Trigger


def test_options_reach_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of a run too: it stands in the lake's lock, where the next stream looks."""
    started: list[Any] = []

    def stream(_settings: Any, trigger: Trigger, *_: Any, take_over: bool) -> None:
        started.append((trigger, take_over))

    monkeypatch.setattr(bootstrap, "stream", stream)
    app = typer.Typer()
    app.command()(main)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    arguments = ["--take-over", "--trigger", "1 second", "--until", f"{until:%Y-%m-%dT%H:%M:%S%z}"]
    ended = CliRunner().invoke(app, arguments)
    assert ended.exit_code == 0, ended.output
    assert started == [(Trigger("1 second", until), True)]
