"""The pipeline's own programs, as real processes that can be killed with all their children."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.child_process import tied
from tests.engine import ROOT

REGISTER = (sys.executable, "-m", "schemas", "register")
PRODUCE = (sys.executable, "-m", "producer")
LAND = (str(Path(sys.executable).with_name("spark-submit")), "spark_consumer/main.py")

Process = subprocess.Popen[bytes]


@contextmanager
def started(command: tuple[str, ...], environment: dict[str, str], log: Path) -> Iterator[Process]:
    """A program with all its children in a process group of its own, killed at the end."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            tied(command),
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        tell_group(process, signal.SIGKILL)
        process.wait()


def tell_group(process: Process, number: signal.Signals) -> None:
    """Send a signal to the whole group: Spark's JVM and its Python at once."""
    if process.poll() is None:
        os.killpg(process.pid, number)


@contextmanager
def frozen(process: Process) -> Iterator[None]:
    """Stopped in the middle of whatever it was doing, and woken afterwards."""
    tell_group(process, signal.SIGSTOP)
    try:
        yield
    finally:
        tell_group(process, signal.SIGCONT)


def run_to_end(command: tuple[str, ...], environment: dict[str, str], log: Path) -> None:
    """Run a program that is expected to end well."""
    with started(command, environment, log) as process:
        assert process.wait(timeout=1800) == 0, log.read_text(errors="replace")[-2000:]
