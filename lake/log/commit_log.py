"""The commit log: it alone decides what has landed."""

import math
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from lake.errors import CommitsFolded, LakeBusy, LakeDamaged
from lake.log.checkpoint import CheckpointRecord, LogCheckpoint
from lake.log.commit import Commit
from lake.log.manifest_store import ManifestStore
from lake.storage.object_path import LakePath, ObjectPath
from lake.storage.operations import create_exclusively, names_in, replace
from lake.storage.parallel import in_parallel

__all__ = ["STATE_EVERY", "SUMMARY", "CommitLog"]

SUMMARY = "_state.json"
"""The file beside the commits that holds the log's checkpoint."""

STATE_EVERY = 100
"""Commits between two checkpoints of the log. A start reads one checkpoint and about this many
commits, however long the log is."""

_ATTEMPTS: Final = 5
"""How often to start again when the log is folded while it is read."""
_Model = TypeVar("_Model", bound=BaseModel)


class CommitLog:
    """Numbered JSON files in one folder, each created only if its number is free.

    Beside them lies `_state.json`, the checkpoint of all commits up to some number. It saves
    reading, and may lag behind or be missing: the commits themselves decide.

    Old commits are folded (`lake.log.folding`): manifests have what they resulted in, and their
    files may be gone. A file with the number of a folded commit is not part of the log.

    Attributes:
        folder: the folder.
        manifests: the manifests.
    """

    def __init__(self, folder: LakePath) -> None:
        self.folder = folder
        self._state_file = folder / SUMMARY
        self.manifests = ManifestStore(folder)

    def append(self, commit: Commit, needed: Collection[LakePath] = ()) -> bool:
        """Write one commit, durably and whole; return False if its number is taken.

        The number of a folded commit is taken, although its name is free. A writer that slept while
        the log was folded finds that out here: the name of the manifest was durable before the
        commit's file was removed. What it has written is ignored, and the next fold removes it.

        Args:
            commit: the commit.
            needed: files and folders that are flushed before the commit becomes visible.

        Raises:
            LakeUnwritable: The storage refused the write.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        content = commit.model_dump_json().encode()
        created = create_exclusively(self.path(commit.number), content, needed)
        return created and commit.number > self.folded()

    def folded(self) -> int:
        """Return the newest commit whose file may be gone; 0 if all must be there."""
        return self.manifests.folded()

    def read(self, number: int) -> Commit | None:
        """Read the file of one commit; None if there is none.

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
        return self.path(number).exists() or number <= self.folded()

    def numbers(self, after: int = 0) -> list[int]:
        """List the commits on disk that are not folded, ascending, including those after a gap.

        Args:
            after: leave out those up to this one.
        """
        least = max(self.folded(), after)
        return sorted(number for number in self._listed(after) if number > least)

    def path(self, number: int) -> LakePath:
        """Return the path of a commit, whether it exists or not."""
        return self.folder / f"{number:020d}.json"

    def commits(self, after: int = 0, up_to: float = math.inf) -> Iterator[Commit]:
        """Yield the commits after one number, up to another or to the newest, in order.

        Raises:
            CommitsFolded: They have been folded, perhaps while they were read. What was yielded so
                far may then be wrong: a file may be another writer's that is not part of the log,
                and the last one is not the newest.
            LakeDamaged: A file is no commit.
        """
        self._refuse_folded(after)
        if isinstance(self.folder, ObjectPath):
            yield from self._listed_commits(after, up_to)
        else:
            number = after + 1
            while number <= up_to and (commit := self.read(number)) is not None:
                yield commit
                number += 1
        self._refuse_folded(after)

    def _listed_commits(self, after: int, up_to: float) -> Iterator[Commit]:
        """Yield commits of a log in an object store: one listing, then several requests at once."""
        numbers = sorted(number for number in self._listed(after) if number <= up_to)
        following = [number for at, number in enumerate(numbers, after + 1) if number == at]
        for commit in in_parallel(self.read, following):
            if commit is None:
                return  # Folded meanwhile.
            yield commit

    def state(self) -> LogCheckpoint:
        """Compute the state that all commits result in.

        Raises:
            LakeBusy: The log was folded again and again while it was read.
            LakeDamaged: A commit is unreadable or missing.
        """
        for _ in range(_ATTEMPTS):
            state = self._start()
            with suppress(CommitsFolded):
                state.apply_all(self.commits(after=state.number))
                self._refuse_gap(state.number)
                return state
        raise LakeBusy(f"{self.folder} was folded {_ATTEMPTS} times while it was read; try again.")

    def _start(self) -> LogCheckpoint:
        """Return a state that is not older than the folded commits."""
        saved = self.saved_state()
        if saved.number < self.folded() and (header := self.manifests.newest_header()) is not None:
            return LogCheckpoint.from_record(header.state)
        return saved

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
        """Refuse a log with a commit beyond a missing one: it has lost a file.

        Raises:
            CommitsFolded: The newest commit of a moment ago has been folded meanwhile.
            LakeDamaged: A commit is missing.
        """
        beyond = min(
            (number for number in self._listed(after=newest) if number > newest + 1), default=None
        )
        if newest and not self.path(newest).exists():
            self._refuse_folded(newest - 1)
            raise LakeDamaged(
                f"{self._state_file} counts {newest} commits, but {self.path(newest).name} is not "
                "there. Restore the missing commits from a copy."
            )
        # Looked for after listing, since a writer may have added it meanwhile.
        if beyond is not None and not self.path(newest + 1).exists():
            self._refuse_folded(newest)
            raise LakeDamaged(
                f"commit {newest + 1} is missing in {self.folder}, but {beyond} is there. "
                "Restore the missing file from a copy: the log is read in order."
            )

    def _refuse_folded(self, after: int) -> None:
        if (folded := self.folded()) > after:
            raise CommitsFolded(
                f"the commits up to {folded} are folded, and {after + 1} is one of them: what they "
                "landed is known, but not each by itself. Ask for a later commit; "
                "LOG_RETENTION_HOURS says how long commits are kept."
            )

    def _listed(self, after: int = 0) -> Iterator[int]:
        """Yield the numbers of all files that are named like commits.

        Args:
            after: in an object store, leave out those up to this one.
        """
        for name in names_in(self.folder, after=self.path(after).name if after else ""):
            stem, _, suffix = name.partition(".")
            if suffix == "json" and stem.isdigit():
                yield int(stem)


def _parsed(kind: type[_Model], path: LakePath) -> _Model:
    content = path.read_bytes()
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        raise LakeDamaged(
            f"{path} is not readable as {kind.__name__.lower()}: {error.errors()[0]['msg']}. "
            "Restore it from a copy; a damaged _state.json may simply be removed."
        ) from error
