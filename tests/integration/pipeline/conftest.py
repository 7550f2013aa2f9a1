"""The programs as a user runs them, each in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.engine import ROOT

BIN = Path(sys.executable).parent


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
