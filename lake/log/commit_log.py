"""The commit log: it alone decides what has landed."""

import math
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from lake.errors import LakeDamaged
from lake.log.checkpoint import CheckpointRecord, LogCheckpoint
from lake.log.commit import Commit
from lake.storage.local_files import create_exclusively, replace

__all__ = ["STATE_EVERY", "SUMMARY", "CommitLog"]

SUMMARY = "_state.json"
"""The file beside the commits that holds the log's checkpoint."""

STATE_EVERY = 100
"""Commits between two checkpoints of the log. A start reads one checkpoint and about this many
commits, however long the log is."""

_Model = TypeVar("_Model", bound=BaseModel)


class CommitLog:
    """Numbered JSON files in one folder, each created only if its number is free.

    Beside them lies `_state.json`, the checkpoint of all commits up to some number. It saves
    reading, and may lag behind or be missing: the commits themselves decide.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._state_file = folder / SUMMARY

    def append(self, commit: Commit, needed: Collection[Path] = ()) -> bool:
        """Write one commit, durably and whole; return False if its number is taken.

        Args:
            commit: the commit.
            needed: files and folders that are flushed before the commit becomes visible.

        Raises:
            LakeUnwritable: The storage refused the write.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        content = commit.model_dump_json().encode()
        return create_exclusively(self.path(commit.number), content, needed)

    def read(self, number: int) -> Commit | None:
        """Read one commit by its number; None if the log has no commit of that number.

        Raises:
            LakeDamaged: The file exists but is no commit.
        """
        path = self.path(number)
        try:
            return _parsed(Commit, path)
        except FileNotFoundError:
            return None

    def reaches(self, number: int) -> bool:
        """Return whether the log has a commit with this number."""
        return self.path(number).exists()

    def numbers(self) -> list[int]:
        """List the numbers of all commits on disk, ascending, including those after a gap."""
        if not self._folder.exists():
            return []
        return sorted(int(path.stem) for path in self._folder.glob("*.json") if path.stem.isdigit())

    def path(self, number: int) -> Path:
        """Return the path of a commit, whether it exists or not."""
        return self._folder / f"{number:020d}.json"

    def commits(self, after: int = 0, up_to: float = math.inf) -> Iterator[Commit]:
        """Yield the commits after one number, up to another or to the newest, in order.

        Raises:
            LakeDamaged: A file is no commit.
        """
        number = after + 1
        while number <= up_to and (commit := self.read(number)) is not None:
            yield commit
            number += 1

    def state(self) -> LogCheckpoint:
        """Compute the state that all commits result in.

        Raises:
            LakeDamaged: A commit is unreadable or missing.
        """
        state = self.saved_state()
        state.apply_all(self.commits(after=state.number))
        self._refuse_gap(state.number)
        return state

    def save_state(self, state: LogCheckpoint) -> None:
        """Write a checkpoint beside the log, so that the next start need not read all of it.

        The folder is not flushed: if a power cut brings the previous checkpoint back, it merely
        lags behind.
        """
        replace(self._state_file, state.to_record().model_dump_json().encode())

    def saved_state(self) -> LogCheckpoint:
        """Read the checkpoint beside the log; an empty state if there is none.

        Raises:
            LakeDamaged: The file exists but is unreadable.
        """
        try:
            return LogCheckpoint.from_record(_parsed(CheckpointRecord, self._state_file))
        except FileNotFoundError:
            return LogCheckpoint()

    def _refuse_gap(self, newest: int) -> None:
        """Refuse a log with a commit beyond a missing one: it has lost a file."""
        if newest and not self.path(newest).exists():
            raise LakeDamaged(
                f"{self._state_file} counts {newest} commits, but {self.path(newest).name} is not "
                "there. Restore the missing commits from a copy."
            )
        for beyond in range(newest + 2, newest + 2 + STATE_EVERY):
            # Checked a second time, since a writer may have added it meanwhile.
            if self.path(beyond).exists() and not self.path(newest + 1).exists():
                raise LakeDamaged(
                    f"commit {newest + 1} is missing in {self._folder}, but {beyond} is there. "
                    "Restore the missing file from a copy: the log is read in order."
                )


def _parsed(kind: type[_Model], path: Path) -> _Model:
    content = path.read_bytes()
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        raise LakeDamaged(
            f"{path} is not readable as {kind.__name__.lower()}: {error.errors()[0]['msg']}. "
            "Restore it from a copy; a damaged _state.json may simply be removed."
        ) from error
