import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(folder: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Runs `python -m producer` with nothing but these settings."""
    return subprocess.run(
        [sys.executable, "-m", "producer", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_mistake_in_the_settings_is_one_line(tmp_path: Path) -> None:
    """It names the variable, goes to stderr, and the exit status is 1."""
    ended = run(tmp_path, KRAKEN_PAIR=",")
    assert ended.returncode == 1
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith("producer: KRAKEN_PAIR: names no pair")


def test_help_names_the_option(tmp_path: Path) -> None:
    """Nothing is connected to for it."""
    ended = run(tmp_path, "--help")
    assert ended.returncode == 0
    assert "--until-caught-up" in ended.stdout


@pytest.mark.parametrize(
    ("command", "options"),
    [("backfill", ["--pair", "--from", "--to"]), ("holes", ["--json"])],
)
def test_each_command_tells_its_options(tmp_path: Path, command: str, options: list[str]) -> None:
    """Nothing is connected to for it."""
    ended = run(tmp_path, command, "--help")
    assert ended.returncode == 0
    assert [option for option in options if option not in ended.stdout] == []


def test_a_backfill_needs_a_beginning(tmp_path: Path) -> None:
    """There is no guess at how much somebody wants."""
    ended = run(tmp_path, "backfill")
    assert ended.returncode == 2
    assert "--from" in ended.stderr


def test_a_span_of_no_use_is_one_line(tmp_path: Path) -> None:
    """Before anything is connected to."""
    ended = run(tmp_path, "backfill", "--from", "2026-01-30")
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith("producer: --from '2026-01-30' is not")
