import os
import subprocess
import sys
from pathlib import Path


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
