"""The programs as a user runs them, each in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.engine import ROOT

BIN = Path(sys.executable).parent
PATIENCE_SECONDS = 300.0


def run_program(
    *command: str, environment: Mapping[str, str], cwd: Path = ROOT
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end; its output is shown where it fails."""
    finished = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    sys.stdout.write(finished.stdout)
    sys.stderr.write(finished.stderr[-5000:])
    return finished


@contextmanager
def running(
    *command: str, environment: Mapping[str, str], log: Path
) -> "Iterator[subprocess.Popen[bytes]]":
    """A program in a process group of its own, which ends with the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def wait_until(condition: Callable[[], object], what: str, logs: Path) -> None:
    """Wait until the condition holds; otherwise show what the programs said."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        said = "\n".join(f"{log}:\n{log.read_text()[-2000:]}" for log in logs.glob("*.log"))
        assert time.monotonic() < deadline, f"{what}: not in {PATIENCE_SECONDS:g} s\n{said}"
        time.sleep(0.2)


def produce(environment: Mapping[str, str]) -> None:
    """`python -m producer --until-caught-up`."""
    command = (sys.executable, "-m", "producer", "--until-caught-up")
    assert run_program(*command, environment=environment).returncode == 0


def land(environment: Mapping[str, str], cwd: Path = ROOT) -> None:
    """`spark-submit spark_consumer/main.py --once`."""
    script = str(ROOT / "spark_consumer" / "main.py")
    command = (str(BIN / "spark-submit"), script, "--once")
    assert run_program(*command, environment=environment, cwd=cwd).returncode == 0


def listed(lake: Path, columns: str) -> list[tuple[Any, ...]]:
    """What DuckDB makes of the plain files, in the order of trade ids."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(
            f"SELECT {columns} FROM read_parquet('{lake}/**/*.parquet', hive_partitioning = true) "
            "ORDER BY trade_id"
        ).fetchall()


@pytest.fixture
def lake_environment(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The programs' settings, with a lake of the test's own."""
    return {**environment, "BASE_OUTPUT_PATH": str(tmp_path / "data")}
