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

__all__ = ["COMPACT", "CONSOLE", "LAND", "MERGE", "PRODUCE", "REGISTER", "Program", "accepting"]

_ROOT: Final = Path(__file__).resolve().parents[2]
_BIN: Final = Path(sys.executable).parent
_LINES_SHOWN: Final = 12
_GRACE: Final = 30.0


@dataclass(frozen=True)
class Program:
    """One command of the platform.

    Attributes:
        name: The name of its log file.
        command: Program and arguments.
    """

    name: str
    command: tuple[str, ...]

    def with_arguments(self, *arguments: str) -> "Program":
        """Return the same program with more arguments."""
        return Program(self.name, (*self.command, *arguments))

    def run(self, environment: Mapping[str, str], logs: Path) -> None:
        """Run the program to its end.

        Raises:
            ProgramFailed: The program's exit status was not 0; shows the end of its log.
        """
        with self.running(environment, logs) as process:
            status = process.wait()
        if status:
            raise ProgramFailed(self.failure(status, logs))

    @contextmanager
    def running(
        self, environment: Mapping[str, str], logs: Path
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start the program; end it and all its children when the block ends."""
        logs.mkdir(parents=True, exist_ok=True)
        with self.log_file(logs).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - the project's own commands, no shell
                tied(self.command),
                cwd=_ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that Ctrl-C reaches only this program
            )
        try:
            yield process
        finally:
            _end(process)

    def failure(self, status: int, logs: Path) -> str:
        """Return a message about a run that ended with this status, with the end of its log."""
        log = self.log_file(logs)
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        end = "\n  ".join(lines[-_LINES_SHOWN:])
        return f"{self.name} ended with status {status}; the end of {log}:\n  {end}"

    def log_file(self, logs: Path) -> Path:
        """Return the file that its output goes to."""
        return logs / f"{self.name}.log"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the whole process group with SIGTERM, then with SIGKILL."""
    for number, timeout in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def accepting(state: Path) -> tuple[str, ...]:
    """Return the stream's option for a new Kafka, if Kafka's state does not exist yet.

    The lake may be older than the Kafka of this run. Then the stream has to accept the new Kafka;
    it leaves out trades that have landed already.
    """
    return () if (state / "embedded").exists() else ("--accept-new-kafka",)


def _python(name: str, *arguments: str) -> Program:
    return Program(name, (sys.executable, "-m", *arguments))


def _spark_submit(name: str, *arguments: str) -> Program:
    return Program(name, (str(_BIN / "spark-submit"), *arguments))


COMPACT: Final = _python("compact", "lake", "compact")
CONSOLE: Final = _python("console", "console")
REGISTER: Final = _python("register", "schemas", "register")
PRODUCE: Final = _python("produce", "producer")
LAND: Final = _spark_submit("land", "spark_consumer/main.py")
MERGE: Final = _python("merge", "lake", "compact", "--open-hours", "--every", "10 seconds")
