"""A measured program: a real process, with the CPU time and memory of all that it starts.

Linux only: the processes that belong to it are found by their session, in /proc.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from infra.child_process import tied

__all__ = ["ProgramFailed", "Running", "Usage", "running", "session_usage"]

_LOOK_EVERY: Final = 0.2
_GRACE: Final = 120.0
_LINES_SHOWN: Final = 15
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class ProgramFailed(Exception):
    """A measured program ended with an error, or did not do its work in time."""


@dataclass(frozen=True)
class Usage:
    """What a session of processes has used so far.

    Attributes:
        cpu_seconds: User and system time, of children that have ended too.
        memory_bytes: Resident now; pages that processes share are counted once for each.
    """

    cpu_seconds: float
    memory_bytes: int


def session_usage(session: int) -> Usage:
    """Add up the processes of a session that live now.

    The fields of /proc/N/stat behind the name, which may hold anything: state is the first,
    session the fourth, utime to cstime the twelfth to fifteenth, rss the twenty-second (proc(5)).
    """
    ticks = pages = 0
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            stat = Path(entry.path, "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it has just ended
        fields = stat.rpartition(")")[2].split()
        if int(fields[3]) == session:
            ticks += sum(map(int, fields[11:15]))
            pages += int(fields[21])
    return Usage(ticks / _TICKS, pages * _PAGE)


@dataclass
class Running:
    """A program at work.

    Attributes:
        name: For messages.
        process: The first of its processes.
        log: Where its output goes.
        started: When, unix seconds.
        ended: When; None while it runs.
        peak_memory_bytes: The most that was resident at a time, of all its processes together.
    """

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    started: float
    ended: float | None = None
    peak_memory_bytes: int = 0
    _seen_cpu: float = 0.0
    _reaped_cpu: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def cpu_seconds(self) -> float:
        """Used so far by all of its processes."""
        if self.ended is None:
            return max(self._seen_cpu, session_usage(self.process.pid).cpu_seconds)
        return max(self._seen_cpu, self._reaped_cpu)

    def has_ended(self) -> bool:
        """Return whether it ended without an error.

        Raises:
            ProgramFailed: It ended with an error.
        """
        if self.ended is None and self._reap(os.WNOHANG):
            self._over.set()
        if self.process.returncode:
            raise ProgramFailed(self.obituary(f"ended with status {self.process.returncode}"))
        return self.ended is not None

    def wait(self, seconds: float) -> None:
        """Wait for its end.

        Raises:
            ProgramFailed: It ended with an error, or not in time.
        """
        deadline = time.monotonic() + seconds
        while not self.has_ended():
            if time.monotonic() > deadline:
                raise ProgramFailed(self.obituary(f"was not done in {seconds:.0f} s"))
            time.sleep(0.01)

    def stop(self) -> None:
        """End all its processes: with SIGTERM first, with SIGKILL if that takes too long."""
        if self.ended is None:
            self._signal(signal.SIGTERM)
            deadline = time.monotonic() + _GRACE
            while not self._reap(os.WNOHANG) and time.monotonic() < deadline:
                time.sleep(0.02)
        self._signal(signal.SIGKILL)
        if self.ended is None:
            self._reap(0)
        self._over.set()

    def obituary(self, what: str) -> str:
        """Return an error message with the end of the log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        end = "\n  ".join(lines[-_LINES_SHOWN:])
        return f"{self.name} {what}; the end of {self.log}:\n  {end}"

    def watch(self) -> None:
        """Keep its figures until it ends; runs on a thread of its own."""
        while not self._over.wait(_LOOK_EVERY):
            usage = session_usage(self.process.pid)
            self._seen_cpu = max(self._seen_cpu, usage.cpu_seconds)
            self.peak_memory_bytes = max(self.peak_memory_bytes, usage.memory_bytes)

    def _reap(self, options: int) -> bool:
        pid, status, used = os.wait4(self.process.pid, options)
        if pid == 0:
            return False
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.ended = time.time()
        self._reaped_cpu = used.ru_utime + used.ru_stime
        return True

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


@contextmanager
def running(
    name: str,
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """Start a program in a folder of its own, and end it at the latest when the block does.

    Args:
        name: Of its log in the folder.
        command: Program and arguments.
        folder: Where it runs, so that no `.env` of the user's reaches it.
        environment: Added to this process's own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        started = time.time()
        process = subprocess.Popen(  # noqa: S603 - the bench's own commands, no shell
            tied(command),
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    program = Running(name, process, log, started)
    watching = threading.Thread(target=program.watch, daemon=True)
    watching.start()
    try:
        yield program
    finally:
        program.stop()
        watching.join()
