"""The files that all commits up to one result in."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Self

from pydantic import BaseModel

from lake.log.commit import Commit, CommittedFile, DataFile, QuarantineFile, RetirementProof
from lake.storage.object_path import LakePath

__all__ = ["Snapshot", "is_prepared", "readable_path"]


class Snapshot(BaseModel):
    """The files that all commits up to one result in.

    Attributes:
        number: the newest commit applied; 0 for an empty lake.
        files: the data files that are part of the lake, by path.
        quarantined: the quarantine files, by path.
        retired: the proofs of what was retired, by path.
    """

    number: int = 0
    files: dict[str, DataFile] = {}
    quarantined: dict[str, QuarantineFile] = {}
    retired: dict[str, RetirementProof] = {}

    @property
    def all_files(self) -> list[CommittedFile]:
        """The data files, those in quarantine, and the proofs of what was retired."""
        return [*self.files.values(), *self.quarantined.values(), *self.retired.values()]

    def apply_all(self, commits: Iterable[Commit]) -> Self:
        """Apply commits, in their order."""
        for commit in commits:
            self.number = commit.number
            for gone in commit.removed:
                self.files.pop(gone.path, None)
                self.quarantined.pop(gone.path, None)
            self.files.update((file.path, file) for file in commit.files)
            self.quarantined.update((file.path, file) for file in commit.quarantined)
            if commit.retired is not None:
                self.retired[commit.retired.path] = commit.retired
        return self

    def undo(self, commit: Commit) -> None:
        """Undo the newest commit applied: a commit names in full what it added and removed."""
        self.number = commit.number - 1
        for file in commit.published:
            self.files.pop(file.path, None)
            self.quarantined.pop(file.path, None)
            self.retired.pop(file.path, None)
        self.files.update((file.path, file) for file in commit.removed_files)
        self.quarantined.update((file.path, file) for file in commit.removed_quarantine)


def is_prepared(base: LakePath, file: CommittedFile) -> bool:
    """Return whether a committed file still waits under staging and is not in place.

    A file that was written where it stays, as in an object store, never waits.
    """
    if file.staged == file.path:
        return False
    staged = base / file.staged
    on_its_way = staged.exists() or staged.with_name(PurePosixPath(file.path).name).exists()
    return on_its_way and not (base / file.path).exists()


def readable_path(base: LakePath, file: CommittedFile) -> LakePath:
    """Return where a file can be read: under staging until its commit has been published."""
    published = base / file.path
    return published if file.path == file.staged or published.exists() else base / file.staged
