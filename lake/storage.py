"""The few operations on a local or NFS file system that the commit protocol rests on.

Each is safe against a crash at any instruction, and durable once it returns.
"""

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lake.errors import LakeDamaged, LakeUnwritable

__all__ = [
    "create_exclusively",
    "flush_file",
    "flush_folders",
    "move",
    "replace",
    "storage_errors",
]


def create_exclusively(path: Path, content: bytes) -> bool:
    """Create `path` with all of `content`, only if nothing has that name; False if it was taken.

    A link to a complete file is made, since link(2) fails where the name exists and never shows
    half a file: opening with O_EXCL would give the name away before the content is there.
    """
    with _scratch_file(path, content) as scratch:
        try:
            path.hardlink_to(scratch)
        except FileExistsError:
            return False
    flush_folders([path.parent])
    return True


def replace(path: Path, content: bytes) -> None:
    """Write `path` whole, over whatever had that name."""
    with _scratch_file(path, content) as scratch:
        scratch.replace(path)


def move(source: Path, target: Path) -> None:
    """Move a file into place; done already counts as done.

    Raises:
        FileNotFoundError: neither `source` nor `target` exists.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        source.rename(target)
    except FileNotFoundError:
        if not target.exists():
            raise


def flush_file(path: Path) -> None:
    """Make a file's content survive a power cut."""
    _fsync(path, os.O_RDONLY)


def flush_folders(folders: Iterable[Path]) -> None:
    """Make the names in these folders survive a power cut."""
    for folder in set(folders):
        _fsync(folder, os.O_RDONLY | os.O_DIRECTORY)


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
            file.flush()
            os.fsync(file.fileno())
        yield scratch
    except OSError as error:
        raise LakeUnwritable(
            f"cannot write {beside}: {error.strerror}. Nothing was lost: free space or fix the "
            "permissions, then start again."
        ) from error
    finally:
        scratch.unlink(missing_ok=True)


def _fsync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
