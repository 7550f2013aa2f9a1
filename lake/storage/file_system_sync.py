"""Makes everything on a file system durable in one call, where the kernel can be relied on for it.

Each fsync waits for the disk. The threads that flush a commit wait side by side, but hundreds of
pairs make hundreds of files and folders, and one syncfs(2) is then four times as fast.
"""

import ctypes
import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

__all__ = ["sync_file_systems"]

_KINDS: Final = frozenset({"ext4", "xfs"})
"""Others may keep what they were given to themselves, as a FUSE file system does, or have several
file systems under one name, as btrfs does."""

_REPORTS_ERRORS: Final = (5, 8)
"""The first version of Linux whose syncfs(2) reports that a write failed (its manual page)."""

_MOUNTS: Final = Path("/proc/self/mountinfo")


def sync_file_systems(paths: Iterable[Path]) -> bool:
    """Make all content and all names durable on the file systems that these paths lie on.

    Returns:
        False if that is not possible, and nothing has been done.

    Raises:
        FileNotFoundError: One of the paths does not exist.
        OSError: The disk refused a write.
    """
    places = {os.stat(path).st_dev: path for path in paths}  # noqa: PTH116 - hundreds of them
    if not _is_offered() or not all(_kind(device) in _KINDS for device in places):
        return False
    for path in places.values():
        _syncfs(path)
    return True


def _syncfs(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(path))
    finally:
        os.close(descriptor)


@lru_cache(maxsize=1)
def _is_offered() -> bool:
    system = os.uname()
    if system.sysname != "Linux":
        return False
    major, minor = system.release.split(".")[:2]
    version = int(major), int("".join(filter(str.isdigit, minor)) or 0)
    return version >= _REPORTS_ERRORS and hasattr(ctypes.CDLL(None), "syncfs")


@lru_cache(maxsize=64)
def _kind(device: int) -> str:
    """Return the kind of the file system with a device number; empty if it is unknown.

    A line of the table of mounts: `36 35 98:0 /root /mount options - ext4 /dev/vda rw`, with any
    number of optional fields before the dash (proc_pid_mountinfo(5)).
    """
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        mount, _, file_system = line.partition(" - ")
        if mount.split()[2:3] == [number]:
            return file_system.split()[0]
    return ""
