"""The folder in which a stack keeps all its state, locked by one stack at a time."""

import os
import shutil
import time
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Final

from infra.embedded.errors import StateInUse

__all__ = ["StateFolder"]

_GRACE_SECONDS: Final = 3.0
"""How long to wait for the servers of a killed stack to end."""


class StateFolder:
    """Paths in the folder, and the lock on it.

    The servers inherit the lock's descriptor, so the folder stays locked until the last of them has
    ended, even if the process that started them was killed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder: Final = folder.resolve()
        self.ports: Final = self.folder / "ports.json"
        self.server_properties: Final = self.folder / "server.properties"
        self.kafka: Final = self.folder / "kafka"
        self.logs: Final = self.folder / "logs"
        self.scratch: Final = self.folder / "tmp"
        self._lock: int | None = None

    @property
    def lock_descriptor(self) -> int:
        """The open lock file. Valid only while the folder is locked."""
        if self._lock is None:
            raise RuntimeError(f"{self.folder} is not held")
        return self._lock

    def hold(self, grace_seconds: float = _GRACE_SECONDS) -> None:
        """Lock the folder for this process; create it if it does not exist.

        Raises:
            StateInUse: Another stack has locked it.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        deadline = time.monotonic() + grace_seconds
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                owner = os.read(descriptor, 32).decode()
                os.close(descriptor)
                raise StateInUse(
                    f"{self.folder} is in use by the stack that process {owner} started; "
                    "stop that one, or choose another state folder"
                )
            time.sleep(0.05)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._lock = descriptor
        # Killed servers leave temporary files behind.
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir()

    def release(self) -> None:
        """Unlock the folder. Do nothing if it is not locked."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _try_lock(descriptor: int) -> bool:
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True
