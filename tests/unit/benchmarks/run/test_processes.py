"""Measured programs: real ones, small."""

import sys
from pathlib import Path

import pytest

from benchmarks.run.processes import ProgramFailed, running

BUSY = """
import os, subprocess, sys, time
def burn():
    began = time.process_time()
    while time.process_time() - began < 0.4: pass
if len(sys.argv) == 1:
    subprocess.run([sys.executable, __file__, "child"], check=True)
burn()
"""


def test_processor_time_of_children_counts(tmp_path: Path) -> None:
    """Spark's Python and Java are children of what a user starts."""
    script = tmp_path / "busy.py"
    script.write_text(BUSY)
    with running("busy", [sys.executable, script], tmp_path) as program:
        program.wait(60)
    assert program.cpu_seconds >= 0.8
    assert program.ended is not None
    assert program.ended > program.started


def test_a_program_that_fails_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    """What it said last is what one wants to know."""
    command = [sys.executable, "-c", "raise SystemExit('no such topic')"]
    with running("bad", command, tmp_path) as program, pytest.raises(ProgramFailed) as failed:
        program.wait(60)
    assert "bad ended with status 1" in str(failed.value)
    assert "no such topic" in str(failed.value)


def test_a_program_that_is_not_done_in_time_is_ended(tmp_path: Path) -> None:
    """And so are its children: nothing is left running."""
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'], stdin=None)"
    command = [sys.executable, "-c", f"{code}; import time; time.sleep(600)"]
    with running("slow", command, tmp_path) as program, pytest.raises(ProgramFailed, match="0 s"):
        program.wait(0.2)
    assert program.process.returncode not in {None, 0}
