"""How the tests run `kraken-lake`: in this process, and in one of its own."""

import subprocess
import sys

from typer.testing import CliRunner

from cli.__main__ import app
from tests.engine import ROOT


def run(*arguments: str) -> tuple[int, str]:
    """Exit status and output, of both streams."""
    ended = CliRunner().invoke(app, arguments, prog_name="kraken-lake")
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return ended.exit_code, ended.output


def run_process(program: str) -> "subprocess.CompletedProcess[str]":
    """A Python program of its own, with the settings of this test alone."""
    return subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
