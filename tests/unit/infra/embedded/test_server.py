import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.embedded.errors import ServerDied, StartFailed
from infra.embedded.server import Program, Server
from infra.embedded.state import StateFolder

_SERVE = """
import os, pathlib, sys, time
print("up", sorted(os.environ), flush=True)
pathlib.Path("ready").touch()
time.sleep(120)
"""


class Interrupted(ThreadPoolExecutor):
    """Hands the first job to its thread, and then Ctrl-C comes."""

    came = False

    def submit(self, job: Callable[..., Any], /, *args: object, **named: object) -> "Future[Any]":
        """Accept the job, and interrupt the first caller."""
        if self.came:
            return super().submit(job, *args, **named)
        self.came = True
        super().submit(time.sleep, 0.1)
        super().submit(job, *args, **named)
        raise KeyboardInterrupt


class Stage:
    """Makes servers of Python programs in a state folder of their own."""

    def __init__(self, state: StateFolder, spawner: ThreadPoolExecutor) -> None:
        self.state = state
        self._spawner = spawner

    def server(self, code: str, spawner: ThreadPoolExecutor | None = None) -> Server:
        """A server that answers once its program has made the file `ready`."""
        command = [sys.executable, "-c", code]
        answers = (self.state.folder / "ready").exists
        return Server(Program("broker", command, answers), self.state, spawner or self._spawner)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """An empty stage; whatever runs on it ends with the test."""
    state = StateFolder(tmp_path)
    state.hold()
    with ThreadPoolExecutor(max_workers=1) as spawner:
        yield Stage(state, spawner)
    state.release()


def test_a_server_runs_when_start_returns_and_not_after_stop(stage: Stage) -> None:
    """Starting waits for the answer, stopping for the end; its output is its log."""
    server = stage.server(_SERVE)
    server.start()
    assert server.is_running()
    assert server.pid != os.getpid()
    assert server.log.read_text().startswith("up")
    server.stop()
    assert not server.is_running()
    server.check()


def test_a_server_can_be_killed_and_started_again(stage: Stage) -> None:
    """As the chaos tests do."""
    server = stage.server(_SERVE)
    server.start()
    first = server.pid
    server.kill()
    server.start()
    assert server.is_running()
    assert server.pid != first
    server.kill()


def test_a_server_that_ends_while_starting_is_reported_with_the_end_of_its_log(
    stage: Stage,
) -> None:
    """The message has the reason, and where to read more."""
    server = stage.server("print('no space left'); raise SystemExit(1)")
    with pytest.raises(StartFailed, match=r"(?s)ended while starting.*broker\.log.*no space left"):
        server.start()


def test_a_start_cut_short_leaves_no_server_that_stop_would_miss(stage: Stage) -> None:
    """Ctrl-C may come while the process is being made, before anybody knows its id."""
    with Interrupted(max_workers=1) as spawner:
        server = stage.server(_SERVE, spawner)
        with pytest.raises(KeyboardInterrupt):
            server.start()
        server.stop()
        assert server.pid != os.getpid()
        assert not server.is_running()


def test_a_server_that_ends_by_itself_is_noticed(stage: Stage) -> None:
    """Unlike one that was stopped, it is an error."""
    server = stage.server(_SERVE)
    server.start()
    os.kill(server.pid, 9)
    os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(ServerDied, match="broker ended by itself with status -9"):
        server.check()


def test_settings_and_secrets_are_not_passed_to_the_server(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Apicurio would obey variables that are meant for our programs."""
    monkeypatch.setenv("KAFKA_SASL_PASSWORD", "secret")
    monkeypatch.setenv("QUARKUS_HTTP_PORT", "1")
    server = stage.server(_SERVE)
    server.start()
    server.kill()
    log = server.log.read_text()
    assert "PATH" in log
    assert "KAFKA_SASL_PASSWORD" not in log
    assert "QUARKUS_HTTP_PORT" not in log
