"""The programs of this folder that are to be killed, as processes."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["PATIENCE", "kill_either", "program", "run_to_end"]

PATIENCE = 1_800
"""Seconds: many rounds leave much to do."""


@contextmanager
def program(name: str, lake: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start one of the programs beside this file; it is ended at the end of the block."""
    command = [sys.executable, str(Path(__file__).with_name(f"{name}.py")), str(lake), *arguments]
    with subprocess.Popen(command) as process:
        try:
            yield process
        finally:
            process.kill()


def run_to_end(name: str, lake: Path, *arguments: str) -> None:
    """Let a program come to its end, which has to be a good one."""
    with program(name, lake, *arguments) as process:
        assert process.wait(PATIENCE) == 0


def kill_either(
    one: subprocess.Popen[bytes], other: subprocess.Popen[bytes], within: float
) -> None:
    """Kill one of two programs at any moment; the other one may go on for a moment."""
    chance = random.Random()
    time.sleep(chance.uniform(0.5, within))
    chance.choice([one, other]).kill()
    time.sleep(chance.uniform(0.0, 0.3))
