"""The few operations on a local or NFS file system that the commit protocol rests on.

Each is safe against a crash at any instruction. What outlives a power cut is what was flushed: by
POSIX a file's content only with the file, and a name only with the folder that it stands in. Until
then it may be there or not, and a file that was renamed may have both of its names or none.
"""

import os
import secrets
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

from lake.errors import LakeDamaged, LakeUnwritable

__all__ = [
    "create_exclusively",
    "flush",
    "link",
    "replace",
    "storage_errors",
]

_AT_ONCE: Final = 8


def create_exclusively(path: Path, content: bytes, needed: Collection[Path] = ()) -> bool:
    """Create `path` with all of `content`, only if nothing has that name; False if it was taken.

    A link to a complete file is made, since link(2) fails where the name exists and never shows
    half a file: opening with O_EXCL would give the name away before the content is there. It is
    durable once this returns.

    Args:
        path: the file.
        content: all of it.
        needed: files and folders that are flushed before the name can be there.
    """
    with _scratch_file(path, content) as scratch:
        flush([scratch, *needed])
        try:
            path.hardlink_to(scratch)
        except FileExistsError:
            return False
    flush([path.parent])
    return True


def replace(path: Path, content: bytes) -> None:
    """Write `path` whole, over whatever had that name; a power cut may bring the old one back."""
    with _scratch_file(path, content) as scratch:
        flush([scratch])
        scratch.replace(path)


def link(source: Path, target: Path) -> None:
    """Give a file a second name, in a folder that is made if need be; done counts as done.

    A rename would take the old name away, perhaps durably, before the new one is durable.

    Raises:
        FileNotFoundError: neither `source` nor `target` exists.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.hardlink_to(source)
    except FileExistsError:
        return
    except FileNotFoundError:
        if not target.exists():
            raise


def flush(paths: Iterable[Path]) -> None:
    """Make the content of files and the names in folders survive a power cut.

    All at once, since each waits for the disk, and a file system writes its journal once for all
    that wait together. syncfs(2) would do it in one call, but would wait for what others have
    written to the same disk, Kafka among them.
    """
    each = set(paths)
    if len(each) == 1:
        _fsync(*each)
    else:
        list(_threads(os.getpid()).map(_fsync, each))


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turns what the storage below a lake refuses into errors of the lake.

    Raises:
        LakeDamaged: a file vanished.
        LakeUnwritable: anything else.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise LakeDamaged(
            f"{error.filename} vanished while it was in use; the lake's folders under _platform "
            "belong to its writers. Start again: the batch is read anew."
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
    """Threads that wait for the disk; a process that was forked needs its own."""
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="flush")


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
