"""The files of a Delta log: one JSON file per version, and checkpoints that sum them up."""

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lake.errors import TableDamaged
from lake.storage.local_files import create_exclusively, flush, replace
from lake.tables.delta.actions import Action

__all__ = ["FOLDER", "DeltaLog", "Versions"]

FOLDER: Final = "_delta_log"
"""The folder of the log, in the table's own folder."""

_HINT: Final = "_last_checkpoint"
_VERSION: Final = re.compile(r"(\d{20})\.json")
_CHECKPOINT: Final = re.compile(r"(\d{20})\.checkpoint\.parquet")
_OF_A_FILE: Final = ('{"add":', '{"remove":')
"""How the lines begin that nobody reads who only wants to know how far the table has come."""


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

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def versions(self) -> Versions | None:
        """List the versions; None if there is no log.

        Raises:
            TableDamaged: A version is missing that is needed to read the newest.
        """
        try:
            names = os.listdir(self.folder)  # noqa: PTH208 - thousands of names
        except FileNotFoundError:
            return None
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

    def path(self, version: int) -> Path:
        """Return the path of a version, whether it exists or not."""
        return self.folder / f"{version:020d}.json"

    def checkpoint_path(self, version: int) -> Path:
        """Return the path of a version's checkpoint, whether it exists or not."""
        return self.folder / f"{version:020d}.checkpoint.parquet"

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
        if not self.folder.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            flush([self.folder.parent])
        return create_exclusively(self.path(version), content)

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

        The oldest go first: a kill leaves the newer ones, which the next call removes.
        """
        gone = [self.path(one) for one in versions.files if one < version]
        gone += [self.checkpoint_path(one) for one in versions.checkpoints if one < version]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def drop_scraps(self, older_than: float) -> None:
        """Remove what killed processes left half written.

        Args:
            older_than: only what was written before this time, in Unix seconds.
        """
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

    def _lines(self, version: int) -> list[str]:
        try:
            return self.path(version).read_text(encoding="utf-8").splitlines()
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
