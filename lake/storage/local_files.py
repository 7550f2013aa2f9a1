"""The few operations on a local or NFS file system that the commit protocol needs.

Each is safe against a crash at any instruction. Only what was flushed survives a power cut. By
POSIX, flushing a file makes its content durable, and flushing its folder makes its name durable.
Until then either may be lost, and a renamed file may have both of its names or neither.
"""

import os
import secrets
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Final

from lake.errors import LakeDamaged, LakeUnwritable
from lake.storage.file_system_sync import sync_file_systems

__all__ = [
    "create_exclusively",
    "flush",
    "link",
    "replace",
    "storage_errors",
]

_AT_ONCE: Final = 8
_MANY: Final = 64
"""From so many files and folders on, the whole file system is flushed."""


def create_exclusively(path: Path, content: bytes, needed: Collection[Path] = ()) -> bool:
    """Create `path` with all of `content`; return False if the name is taken.

    This links a complete file to the name, since link(2) fails if the name exists and never shows
    half a file. Opening with O_EXCL would show the name before the content is there. The file is
    durable when this returns.

    Args:
        path: the file.
        content: all of its content.
        needed: files and folders that are flushed before the name becomes visible.
    """
    with _scratch_file(path, content) as scratch:
        flush([scratch, *needed])
        try:
            path.hardlink_to(scratch)
        except FileExistsError:
            if not _is_same(path, scratch):
                return False
    flush([path.parent])
    return True


def _is_same(path: Path, scratch: Path) -> bool:
    """Return whether a name is a link to our file.

    NFS makes a link again if its answer was lost, and says that the name is taken. open(2) advises
    to look at the file then.
    """
    try:
        return path.samefile(scratch)
    except FileNotFoundError:
        return False


def replace(path: Path, content: bytes) -> None:
    """Replace `path` with a new file, atomically; a power cut may bring the old one back."""
    with _scratch_file(path, content) as scratch:
        flush([scratch])
        scratch.replace(path)


def link(source: Path, target: Path) -> None:
    """Hard-link a file to a second name, and create the folder if needed. Idempotent.

    A rename would remove the old name, perhaps durably, before the new one is durable.

    Raises:
        FileNotFoundError: Neither `source` nor `target` exists.
    """
    try:
        target.hardlink_to(source)
    except FileExistsError:
        return
    except FileNotFoundError:
        if target.exists():
            return
        # Its folder is there nearly always, so it is created only if it is missing.
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            target.hardlink_to(source)


def flush(paths: Iterable[Path]) -> None:
    """Make the content of files and the names in folders survive a power cut.

    They are flushed in parallel: each flush waits for the disk, and a file system writes its
    journal once for all flushes that wait together. Many are flushed by syncfs(2) in one call. It
    also waits for data that other programs, such as Kafka, have written to the same disk, so that
    few are flushed sooner without it.
    """
    each = list(set(paths))
    if len(each) == 1:
        _fsync(*each)
    elif len(each) < _MANY or not sync_file_systems(each):
        # One task a thread: a task of its own for each file costs more than some disks need.
        shares = [each[at::_AT_ONCE] for at in range(min(_AT_ONCE, len(each)))]
        list(_threads(os.getpid()).map(_fsync_each, shares))


@contextmanager
def storage_errors(folder: PurePath) -> Iterator[None]:
    """Convert errors of the storage below a lake to errors of the lake.

    Raises:
        LakeDamaged: A file vanished.
        LakeUnwritable: Any other `OSError`.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise LakeDamaged(
            f"{error.filename} vanished while it was in use; the lake's folders under _platform "
            "belong to its writers. Start again: the batch will be read from Kafka again."
        ) from error
    except OSError as error:
        raise LakeUnwritable(
            f"{error.filename or folder}: {error.strerror or error}. Nothing was lost: free space "
            "or fix the permissions, then start again."
        ) from error


@contextmanager
def _scratch_file(beside: Path, content: bytes) -> Iterator[Path]:
    scratch = beside.with_name(f".{beside.name}.{secrets.token_hex(8)}")
    try:
        with scratch.open("xb") as file:
            file.write(content)
        yield scratch
    except OSError as error:
        raise LakeUnwritable(
            f"cannot write {beside}: {error.strerror}. Nothing was lost: free space or fix the "
            "permissions, then start again."
        ) from error
    finally:
        scratch.unlink(missing_ok=True)


@lru_cache(maxsize=1)
def _threads(_process: int) -> ThreadPoolExecutor:
    """Return the threads that wait for the disk; a forked process needs its own."""
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="flush")


def _fsync_each(paths: Iterable[Path]) -> None:
    for path in paths:
        _fsync(path)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
