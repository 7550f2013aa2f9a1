"""Replaces one folder with another, so that no listing ever shows half of the change."""

import ctypes
import errno
import os
from pathlib import Path

__all__ = ["swap_folders"]

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_NOT_OFFERED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}
"""The errors by which a kernel or a file system says that it cannot exchange two names."""


def swap_folders(folder: Path, prepared: Path) -> None:
    """Put `prepared` in the place of `folder`; the old folder is then at `prepared` or beside it.

    renameat2(2) exchanges both in one step: a process that lists `folder` sees one or the other,
    whole (Linux: ext4, xfs, btrfs, tmpfs). Where that is not supported, such as on NFS, it takes
    two renames, and between them there is no folder.

    If a call was killed between the two renames, the next call does the second. Callers must make
    sure that only one process does this at a time, and only if it has not been done before.

    Raises:
        OSError: Neither way is possible; nothing has changed.
    """
    if folder.exists() and _exchange(folder, prepared):
        return
    retired = prepared.with_name(f"{prepared.name}.retired")
    if not retired.exists():
        folder.rename(retired)
    prepared.rename(folder)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; return False where that is not supported."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    names = (os.fsencode(one), os.fsencode(other))
    if renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _NOT_OFFERED:
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))
