"""The storage operations of the lake, on a file system or in an object store by the path given.

On a file system each is the one of `lake.storage.local_files`, or one call of Python. In a store,
creating a name is a conditional write, replacing a file is a write, and what is acknowledged is
durable, so flushing does nothing.
"""

import os
from collections.abc import Collection, Hashable, Iterable, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from lake.storage import checksum as of_disk
from lake.storage import local_files
from lake.storage.object_path import LakePath, ObjectPath

__all__ = [
    "checksum",
    "create_exclusively",
    "flush",
    "footer_source",
    "identity_of",
    "names_in",
    "parquet_source",
    "remove",
    "replace",
    "size_of",
    "written_at",
]

_FOOTER: Final = 64 << 10
"""Bytes from the end of a Parquet file that are read for its footer at first."""


def create_exclusively(path: LakePath, content: bytes, needed: Collection[LakePath] = ()) -> bool:
    """Create `path` with all of `content`, durably; return False if the name is taken.

    Args:
        path: the file.
        content: all of its content. In a store it has to be unique to the caller, who may have
            written it without getting the answer.
        needed: files and folders that are made durable before the name becomes visible.

    Raises:
        LakeUnwritable: The storage refused the write.
    """
    if isinstance(path, ObjectPath):
        return path.client.create(path.key, content)
    return local_files.create_exclusively(path, content, _local(needed))


def replace(path: LakePath, content: bytes) -> None:
    """Replace `path` with a new file, atomically.

    Raises:
        LakeUnwritable: The storage refused the write.
    """
    if isinstance(path, ObjectPath):
        path.write_bytes(content)
    else:
        local_files.replace(path, content)


def flush(paths: Iterable[LakePath]) -> None:
    """Make the content of files and the names in folders durable; nothing to do in a store."""
    if local := _local(paths):
        local_files.flush(local)


def names_in(folder: LakePath, after: str = "") -> list[str]:
    """List the names of the files in a folder, in no order; none if there is no such folder.

    Args:
        folder: the folder.
        after: in a store, leave out the names up to this one; a file system lists all.
    """
    if isinstance(folder, ObjectPath):
        skipped = len(folder.key) + 1
        names = (found.key[skipped:] for found in folder.stored(after=after))
        return [name for name in names if "/" not in name]
    try:
        return os.listdir(folder)  # noqa: PTH208 - a third of the time of iterdir
    except FileNotFoundError:
        return []


def size_of(path: LakePath) -> int:
    """Return a file's size in bytes.

    Raises:
        FileNotFoundError: There is no such file.
    """
    if isinstance(path, ObjectPath):
        return path.client.head(path.key).bytes
    return path.stat().st_size


def identity_of(path: LakePath) -> Hashable:
    """Return what tells a file from another one that has its name later: in a store, its tag.

    Raises:
        FileNotFoundError: There is no such file.
    """
    if isinstance(path, ObjectPath):
        return path.client.head(path.key).tag
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def written_at(path: LakePath) -> float:
    """Return when a file was written, in Unix seconds by the clock of its storage.

    Raises:
        FileNotFoundError: There is no such file.
    """
    if isinstance(path, ObjectPath):
        return path.client.head(path.key).modified.timestamp()
    return path.stat().st_mtime


def remove(paths: Sequence[LakePath]) -> None:
    """Remove files, those that are not there too: one after the other, in a store many at once."""
    if objects := [path for path in paths if isinstance(path, ObjectPath)]:
        objects[0].client.delete(path.key for path in objects)
    for path in _local(paths):
        path.unlink(missing_ok=True)


def checksum(path: LakePath) -> str:
    """Return the checksum of a file's content.

    Raises:
        FileNotFoundError: There is no such file.
    """
    if isinstance(path, ObjectPath):
        return of_disk.checksum_of(path.read_bytes())
    return of_disk.checksum(path)


def parquet_source(path: LakePath) -> "Path | pa.BufferReader":
    """Return what pyarrow reads a Parquet file from: its path, or an object's whole content.

    The lake's objects are small: a pair's hour has some MB at most, and reading it in ranges would
    take several requests.

    Raises:
        FileNotFoundError: There is no such object. On a file system, pyarrow raises it.
    """
    return pa.BufferReader(path.read_bytes()) if isinstance(path, ObjectPath) else path


def footer_source(path: LakePath, size: int) -> "Path | pa.BufferReader":
    """Return what pyarrow reads a Parquet file's footer from: its path, or an object's end.

    Args:
        path: the file.
        size: its size in bytes.

    Raises:
        FileNotFoundError: There is no such object. On a file system, pyarrow raises it.
    """
    if not isinstance(path, ObjectPath):
        return path
    end = path.client.get(path.key, max(0, size - _FOOTER))
    # The footer's length and four more bytes are the last.
    needed = int.from_bytes(end[-8:-4], "little") + 8
    if len(end) < needed <= size:
        end = path.client.get(path.key, size - needed)
    return pa.BufferReader(end)


def _local(paths: Iterable[LakePath]) -> list[Path]:
    return [path for path in paths if isinstance(path, Path)]
