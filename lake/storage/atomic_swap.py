"""Putting one folder in another's place, so that no listing ever shows half of the change."""

import ctypes
import errno
import os
from pathlib import Path

__all__ = ["swap_folders"]

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_NOT_OFFERED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}
"""How a kernel or a file system says that it has no exchange."""


def swap_folders(folder: Path, prepared: Path) -> None:
    """Put `prepared` where `folder` is; what `folder` held is then at `prepared` or beside it.

    With renameat2(2) both change places in one step: who lists `folder` finds the one or the
    other, whole (Linux: ext4, xfs, btrfs, tmpfs). Where that is not offered, such as on NFS, two
    renames follow each other, and between the two there is no folder at all.

    Called again after it was ended between the two renames, it does the second. The callers see
    to it that only one does this at a time, and only where it was not done before.

    Raises:
        OSError: neither way is possible; nothing has changed.
    """
    if folder.exists() and _exchange(folder, prepared):
        return
    retired = prepared.with_name(f"{prepared.name}.retired")
    if not retired.exists():
        folder.rename(retired)
    prepared.rename(folder)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where that is not offered."""
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
