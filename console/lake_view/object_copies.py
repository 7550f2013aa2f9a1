"""Copies of objects on this machine, for DuckDB, which opens files by their names.

DuckDB reads stores with an extension that has to be downloaded; without it, it reads files alone.
"""

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from threading import BoundedSemaphore, Lock
from typing import Final

from console.errors import TooSlow
from lake.errors import LakeDamaged, LakeUnwritable
from lake.layout import LakeLayout
from lake.log.commit import CommittedFile
from lake.storage.checksum import checksum_of
from lake.storage.object_path import LakePath
from lake.storage.parallel import in_parallel

__all__ = ["ObjectCopies"]

_MOST_BYTES: Final = 256 << 20
_DISK_SHARE: Final = 4
"""Copies take a quarter of the disk at most: some machines have temporary files in memory."""
_KEPT_SHARE: Final = 0.75
"""What stays when there are too many, so that they are not counted again for each further one."""
_IN_USE: Final = 60.0
"""Seconds: a copy that was used so lately may be about to be opened, also by another process."""
_BETWEEN_LOOKS: Final = 64
"""Objects that are asked for between two looks at the clock."""
_AT_ONCE: Final = 2
"""Pages that wait for objects at the same time; others wait for them. Each asks for several."""


class ObjectCopies:
    """Copies a lake's objects to a folder of this machine when a page needs them.

    No object of a lake is ever replaced, so a copy stays good, also for the next program. Those
    that were not used for longest are removed beyond `most_bytes`.

    Args:
        layout: a lake in an object store.
        most_bytes: how much is kept, and less on a small disk.

    Attributes:
        folder: where the copies are.
    """

    def __init__(self, layout: LakeLayout, most_bytes: int = _MOST_BYTES) -> None:
        self.folder = layout.local / "copies"
        self._base, self._most_bytes = layout.base, most_bytes
        self._free = BoundedSemaphore(_AT_ONCE)
        self._lock = Lock()
        self._bytes: int | None = None

    def names(self, files: Sequence[CommittedFile], seconds: float) -> list[str]:
        """Return the name of a copy of each file, in their order.

        Raises:
            TooSlow: It took longer than `seconds`; what was copied until then is kept.
            FileNotFoundError: An object is not there any more.
            LakeDamaged: An object is not as it was committed, or not in the lake.
            LakeUnwritable: The store did not answer, or there is no room for copies.
        """
        deadline = time.monotonic() + seconds
        if not self._free.acquire(timeout=seconds):
            raise TooSlow("Other pages are still being read. Try again in a moment.")
        try:
            lacking = [file for file in files if not self._use(file)]
            self._copy_all(lacking, deadline)
        finally:
            self._free.release()
        return [str(self._copy_of(file)) for file in files]

    def _copy_all(self, files: Sequence[CommittedFile], deadline: float) -> None:
        if not files:
            return
        self._make_folder()
        for start in range(0, len(files), _BETWEEN_LOOKS):
            if time.monotonic() > deadline:
                raise TooSlow(
                    f"{len(files)} objects of the lake have to be fetched, which takes longer than "
                    "a page may. Ask again: it goes on from here."
                )
            some = files[start : start + _BETWEEN_LOOKS]
            self._added(sum(in_parallel(self._copy, some)))

    def _copy_of(self, file: CommittedFile) -> Path:
        return self.folder / f"{checksum_of(f'{file.path} {file.checksum}'.encode())}.parquet"

    def _use(self, file: CommittedFile) -> bool:
        """Return whether there is a copy, and note that it is in use."""
        copy = self._copy_of(file)
        try:
            os.utime(copy)
            return copy.stat().st_size == file.bytes
        except FileNotFoundError:
            return False

    def _copy(self, file: CommittedFile) -> int:
        """Copy an object, and return its size."""
        content = self._content(file)
        if file.checksum and checksum_of(content) != file.checksum:
            raise LakeDamaged(
                f"{self._base / file.path} is not as it was committed. `kraken-lake verify` names "
                "all damaged files; restore them from a copy of the lake."
            )
        try:
            descriptor, scratch = tempfile.mkstemp(dir=self.folder)
            with os.fdopen(descriptor, "wb") as written:
                written.write(content)
            Path(scratch).replace(self._copy_of(file))
        except OSError as error:
            raise self._unwritable(error) from error
        return len(content)

    def _content(self, file: CommittedFile) -> bytes:
        # Until a commit has been published, its files are under staging.
        for path in dict.fromkeys((file.path, file.staged)):
            try:
                return self._inside(path).read_bytes()
            except FileNotFoundError:
                continue
        raise FileNotFoundError(errno.ENOENT, "no such object", str(self._base / file.path))

    def _inside(self, path: str) -> LakePath:
        """Return an object's address.

        A commit log that somebody has changed may name any path: one outside the lake is refused.
        """
        if path.startswith("/") or ".." in PurePosixPath(path).parts:
            raise LakeDamaged(
                f"The commit log names {path}, which is not in {self._base}, so it is not read. "
                "Restore the commit log from a copy of the lake."
            )
        return self._base / path

    def _make_folder(self) -> None:
        """Create the folder of the copies for this user alone.

        The folder for temporary files is open to all users of the machine. One of them could have
        put a folder of this name there, and other trades into it.
        """
        top = self.folder.parents[2]
        try:
            top.mkdir(mode=0o700, exist_ok=True)
            found = top.lstat()
            if found.st_uid != os.getuid() or found.st_mode & 0o022:
                raise LakeUnwritable(
                    f"{top} is another user's folder, or others may write into it: copies of the "
                    "lake's objects are not kept there. Remove it, or set TMPDIR to a folder of "
                    "your own."
                )
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> LakeUnwritable:
        return LakeUnwritable(
            f"Objects of the lake cannot be copied to {self.folder}: {error.strerror}. Make room "
            "there, or set TMPDIR to another folder."
        )

    def _added(self, size: int) -> None:
        with self._lock:
            if self._bytes is None:
                total = shutil.disk_usage(self.folder).total
                self._most_bytes = min(self._most_bytes, total // _DISK_SHARE)
            else:
                self._bytes += size
            if self._bytes is None or self._bytes > self._most_bytes:
                self._bytes = self._tidied()

    def _tidied(self) -> int:
        """Remove the copies that were not used for longest, if all are too large; return the size.

        What a killed process left half written is among them.
        """
        found = []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                try:
                    seen = entry.stat()
                except FileNotFoundError:
                    continue  # Another process tidies up, too.
                found.append((seen.st_mtime, seen.st_size, entry.path))
        size = sum(one[1] for one in found)
        if size <= self._most_bytes:
            return size
        unused_since = time.time() - _IN_USE
        for used_at, bytes_of_it, path in sorted(found):
            if size <= self._most_bytes * _KEPT_SHARE or used_at > unused_since:
                break
            Path(path).unlink(missing_ok=True)
            size -= bytes_of_it
        return size
