"""The files of a Delta log: one JSON file per version, and checkpoints that sum them up."""

import json
import os
import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lake.errors import TableDamaged
from lake.storage.object_path import LakePath, ObjectPath
from lake.storage.operations import (
    create_exclusively,
    flush,
    identity_of,
    names_in,
    remove,
    replace,
)
from lake.storage.parallel import in_parallel
from lake.tables.delta.actions import Action

__all__ = ["FOLDER", "DeltaLog", "Versions"]

FOLDER: Final = "_delta_log"
"""The folder of the log, in the table's own folder."""

_HINT: Final = "_last_checkpoint"
_VERSION: Final = re.compile(r"(\d{20})\.json")
_CHECKPOINT: Final = re.compile(r"(\d{20})\.checkpoint\.parquet")
_OF_A_FILE: Final = ('{"add":', '{"remove":')
"""How the lines begin that a reader of the position skips."""


@dataclass(frozen=True)
class Versions:
    """What is in the log's folder.

    Attributes:
        newest: the newest version.
        checkpoint: the newest version with a checkpoint; None if none has one.
        checkpoints: all versions with a checkpoint, ascending.
        files: all versions with a JSON file, ascending.
    """

    newest: int
    checkpoint: int | None
    checkpoints: tuple[int, ...]
    files: tuple[int, ...]


class DeltaLog:
    """The log of one table.

    Args:
        folder: its folder.
    """

    def __init__(self, folder: LakePath) -> None:
        self.folder = folder

    def versions(self) -> Versions | None:
        """List the versions; None if there is no log.

        Raises:
            TableDamaged: A version is missing that is needed to read the newest.
        """
        try:
            names = names_in(self.folder)
        except OSError as error:
            raise self.damaged(error.strerror or str(error)) from error
        files = _numbers(_VERSION, names)
        checkpoints = _numbers(_CHECKPOINT, names)
        if not files and not checkpoints:
            return None
        checkpoint = checkpoints[-1] if checkpoints else None
        newest = max(files[-1:] + checkpoints[-1:])
        first = 0 if checkpoint is None else checkpoint + 1
        missing = set(range(first, newest + 1)).difference(files)
        if missing:
            raise self.damaged(f"version {min(missing)} is missing")
        return Versions(newest, checkpoint, tuple(checkpoints), tuple(files))

    def path(self, version: int) -> LakePath:
        """Return the path of a version, whether it exists or not."""
        return self.folder / f"{version:020d}.json"

    def checkpoint_path(self, version: int) -> LakePath:
        """Return the path of a version's checkpoint, whether it exists or not."""
        return self.folder / f"{version:020d}.checkpoint.parquet"

    def identity(self, version: int) -> Hashable | None:
        """Return what tells the file of a version from one of another log; None if there is none.

        Raises:
            StoreRefused: The store refused or did not answer.
        """
        for path in (self.path(version), self.checkpoint_path(version)):
            with suppress(FileNotFoundError):
                return identity_of(path)
        return None

    def each(
        self, read: Callable[[int], Iterator[Action]], versions: Iterable[int]
    ) -> Iterator[Iterator[Action]]:
        """Yield what `actions` or `header` reads of versions: in a store, of several at once."""
        return (in_parallel if isinstance(self.folder, ObjectPath) else map)(read, versions)

    def actions(self, version: int) -> Iterator[Action]:
        """Yield every action of one version.

        Raises:
            FileNotFoundError: There is no such version.
            TableDamaged: It is not readable.
        """
        return self._parsed(version, self._lines(version))

    def header(self, version: int) -> Iterator[Action]:
        """Yield the actions of one version but for those of single files.

        Raises:
            FileNotFoundError: There is no such version.
            TableDamaged: It is not readable.
        """
        lines = (line for line in self._lines(version) if not line.startswith(_OF_A_FILE))
        return self._parsed(version, lines)

    def create(self, version: int, content: bytes) -> bool:
        """Write one version, durably and whole; return False if another process was first.

        Raises:
            LakeUnwritable: The storage refused the write.
        """
        if isinstance(self.folder, Path) and not self.folder.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            flush([self.folder.parent])
        return create_exclusively(self.path(version), content)

    def append(self, version: int, content: bytes, before: Hashable | None) -> bool:
        """Write one version after another; return False if another process was first.

        In a store no lock holds while a process sleeps. Meanwhile the log may have been replaced,
        or its old versions dropped, and then a number is free that was taken. So what comes before
        is looked at after the version was written, which is removed again if that has changed.

        Args:
            version: the version.
            content: all of it. In a store it has to be unique to the caller.
            before: the identity of the version before; None if this is the first.

        Raises:
            LakeUnwritable: The storage refused the write.
        """
        if not self.create(version, content):
            return False
        if isinstance(self.folder, Path) or self._is_next(version, before):
            return True
        remove([self.path(version)])
        return False

    def save_checkpoint(self, version: int, content: bytes, hint: Action) -> None:
        """Write a checkpoint, then the hint where to find it.

        Raises:
            LakeUnwritable: The storage refused a write.
        """
        replace(self.checkpoint_path(version), content)
        # Readers look for the checkpoint that the hint names, and fail without it.
        flush([self.folder])
        replace(self.folder / _HINT, json.dumps(hint, separators=(",", ":")).encode())

    def drop_before(self, version: int, versions: Versions) -> int:
        """Remove the files of versions before one that has a checkpoint; return how many.

        A kill leaves some, which the next call removes: on a file system the newer ones.
        """
        gone = [self.path(one) for one in versions.files if one < version]
        gone += [self.checkpoint_path(one) for one in versions.checkpoints if one < version]
        remove(gone)
        return len(gone)

    def clear(self) -> int:
        """Remove every file of the log, the hint and the newest first; return how many there were.

        So what a kill leaves is an older version of the table, or a log without its beginning.
        """
        gone = [self.folder / name for name in sorted(names_in(self.folder), reverse=True)]
        # Readers who find the hint fail without the checkpoint that it names.
        remove([self.folder / _HINT])
        remove(gone)
        return len(gone)

    def drop_scraps(self, older_than: float) -> None:
        """Remove what killed processes left half written; a store never has such files.

        Args:
            older_than: only what was written before this time, in Unix seconds.
        """
        if isinstance(self.folder, ObjectPath):
            return
        for entry in list(os.scandir(self.folder)):
            with suppress(FileNotFoundError):
                if entry.name.startswith(".0") and entry.stat().st_mtime < older_than:
                    Path(entry.path).unlink()

    def damaged(self, why: str) -> TableDamaged:
        """Return the error for a log that cannot be used."""
        return TableDamaged(
            f"the Delta table in {self.folder.parent} is damaged ({why}). `kraken-lake tables sync "
            "--rebuild` writes it anew from the lake's commit log; the lake's own files are not "
            "touched."
        )

    def _is_next(self, version: int, before: Hashable | None) -> bool:
        """Return whether the version before is the one that was there when this was computed."""
        if version:
            return self.identity(version - 1) == before
        return not _numbers(_CHECKPOINT, names_in(self.folder))

    def _lines(self, version: int) -> list[str]:
        try:
            return self.path(version).read_bytes().decode().splitlines()
        except FileNotFoundError:
            raise
        except (OSError, UnicodeDecodeError) as error:
            raise self.damaged(f"version {version}: {error}") from error

    def _parsed(self, version: int, lines: Iterable[str]) -> Iterator[Action]:
        for line in lines:
            try:
                action = json.loads(line) if line else {}
            except ValueError as error:
                raise self.damaged(f"version {version} is no JSON: {error}") from error
            if not isinstance(action, dict):
                raise self.damaged(f"version {version} holds {line[:40]}, which is no action")
            yield action


def _numbers(form: re.Pattern[str], names: Iterable[str]) -> list[int]:
    return sorted(int(match[1]) for name in names if (match := form.fullmatch(name)))
