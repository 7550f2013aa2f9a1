"""The platform's own programs as child processes, run exactly as a user runs them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.child_process import tied
from infra.local.errors import ProgramFailed

__all__ = ["LAND", "PRODUCE", "REGISTER", "Program", "accepting"]

_ROOT: Final = Path(__file__).resolve().parents[2]
_BIN: Final = Path(sys.executable).parent
_LINES_SHOWN: Final = 12
_GRACE: Final = 30.0


@dataclass(frozen=True)
class Program:
    """One command of the platform.

    Attributes:
        name: what its log file is called.
        command: program and arguments.
    """

    name: str
    command: tuple[str, ...]

    def with_arguments(self, *arguments: str) -> "Program":
        """The same program, told more."""
        return Program(self.name, (*self.command, *arguments))

    def run(self, environment: Mapping[str, str], logs: Path) -> None:
        """Run to its end.

        Raises:
            ProgramFailed: it ended with another status than 0; shows the end of its log.
        """
        with self.running(environment, logs) as process:
            status = process.wait()
        if status:
            raise ProgramFailed(self.failure(status, logs))

    @contextmanager
    def running(
        self, environment: Mapping[str, str], logs: Path
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start it, and end it at the latest when the block does, with all its children."""
        logs.mkdir(parents=True, exist_ok=True)
        with self.log_file(logs).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - the project's own commands, no shell
                tied(self.command),
                cwd=_ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that Ctrl-C reaches this program alone
            )
        try:
            yield process
        finally:
            _end(process)

    def failure(self, status: int, logs: Path) -> str:
        """What to tell of a run that ended with this status: the end of its log."""
        log = self.log_file(logs)
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        told = "\n  ".join(lines[-_LINES_SHOWN:])
        return f"{self.name} ended with status {status}; the end of {log}:\n  {told}"

    def log_file(self, logs: Path) -> Path:
        """Where its output goes."""
        return logs / f"{self.name}.log"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the whole process group to end, then make it."""
    for number, patience in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def accepting(state: Path) -> tuple[str, ...]:
    """What the stream is told where Kafka's state is yet to be made.

    The lake may be older than that: then the new Kafka is meant, and what it holds again of trades
    that have landed is left out.
    """
    return () if (state / "embedded").exists() else ("--accept-new-kafka",)


def _python(name: str, *arguments: str) -> Program:
    return Program(name, (sys.executable, "-m", *arguments))


def _spark_submit(name: str, *arguments: str) -> Program:
    return Program(name, (str(_BIN / "spark-submit"), *arguments))


REGISTER: Final = _python("register", "schemas", "register")
PRODUCE: Final = _python("produce", "producer")
LAND: Final = _spark_submit("land", "spark_consumer/main.py")
