"""The lock that allows one process per lake and role."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lake.errors import LakeBusy

__all__ = ["is_locked", "lock_holder", "writer_lock"]

_FIRST_PAUSE: Final = 0.002
"""Seconds; the lock for publishing is held for milliseconds, and a batch waits for it."""
_LONGEST_PAUSE: Final = 0.2


@contextmanager
def writer_lock(path: Path, *, patience: float = 10.0, note: str = "") -> Iterator[None]:
    """Hold one role in a lake for this process.

    The kernel drops the lock when the process ends, however it ends, so nothing is left to clean
    up. Two writers are kept apart by the commit number; the lock reports the conflict early and
    protects the staging folder.

    Args:
        path: the lock file, created if it is missing.
        patience: seconds to wait for a predecessor that is about to end.
        note: what others are to know about the process, in its words.

    Raises:
        LakeBusy: Another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(descriptor, path, time.monotonic() + patience)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _introduced(note), 0)
        yield
    finally:
        os.close(descriptor)


def lock_holder(path: Path) -> str | None:
    """Return what the process that holds this lock says about itself; None if none holds it."""
    try:
        return path.read_text(errors="replace") if is_locked(path) else None
    except FileNotFoundError:
        return None


def is_locked(path: Path) -> bool:
    """Return whether a process that lives holds this lock."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _introduced(note: str) -> bytes:
    return " ".join(filter(None, (f"pid {os.getpid()} on {socket.gethostname()}", note))).encode()


def _acquire(descriptor: int, path: Path, deadline: float) -> None:
    pause = _FIRST_PAUSE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            holder = os.pread(descriptor, 200, 0).decode(errors="replace") or "another process"
            raise LakeBusy(
                f"the {path.stem} of the lake in {path.parent} is {holder}. End that process "
                "first, or give this one a BASE_OUTPUT_PATH of its own."
            ) from None
        else:
            return
