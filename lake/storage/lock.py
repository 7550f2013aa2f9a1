"""The lock that allows one process per lake and role."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lake.errors import LakeBusy

__all__ = ["writer_lock"]


@contextmanager
def writer_lock(path: Path, *, patience: float = 10.0) -> Iterator[None]:
    """Hold one role in a lake for this process.

    The kernel drops the lock when the process ends, however it ends, so nothing is left to clean
    up. Two writers are kept apart by the commit number; the lock reports the conflict early and
    protects the staging folder.

    Args:
        path: the lock file, created if it is missing.
        patience: seconds to wait for a predecessor that is about to end.

    Raises:
        LakeBusy: Another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(descriptor, path, time.monotonic() + patience)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"pid {os.getpid()} on {socket.gethostname()}".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(0.2)
                continue
            holder = os.pread(descriptor, 200, 0).decode(errors="replace") or "another process"
            raise LakeBusy(
                f"the {path.stem} of the lake in {path.parent} is {holder}. End that process "
                "first, or give this one a BASE_OUTPUT_PATH of its own."
            ) from None
        else:
            return
