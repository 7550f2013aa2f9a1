"""The programs of this folder that are to be killed, as processes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["PATIENCE", "program", "run_to_end"]

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
