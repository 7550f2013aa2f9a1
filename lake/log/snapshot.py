"""The lake as of one commit: exactly the files that make it up."""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ValidationError

from lake.errors import LakeMissing, SnapshotGone
from lake.layout import LakeLayout
from lake.log.commit import Commit, DataFile, QuarantineFile
from lake.log.commit_log import CommitLog
from lake.storage.local_files import replace

__all__ = [
    "SAVED_AS",
    "Snapshot",
    "files",
    "is_prepared",
    "read_snapshot",
    "save_snapshot",
    "saved_snapshot",
]


SAVED_AS = "_snapshot.json"
"""The snapshot that maintenance keeps beside the log."""


class Snapshot(BaseModel):
    """The sum of the commit log, file by file.

    Attributes:
        number: the newest commit counted in; 0 for an empty lake.
        files: the data files that are part of the lake, by path.
        quarantined: the quarantine files, by path.
    """

    number: int = 0
    files: dict[str, DataFile] = {}
    quarantined: dict[str, QuarantineFile] = {}

    @property
    def all_files(self) -> list[DataFile | QuarantineFile]:
        """The data files, then those in quarantine."""
        return [*self.files.values(), *self.quarantined.values()]

    def apply_all(self, commits: Iterable[Commit]) -> Self:
        """Count commits in, in their order."""
        for commit in commits:
            self.number = commit.number
            for gone in commit.removed:
                self.files.pop(gone.path, None)
                self.quarantined.pop(gone.path, None)
            self.files |= {file.path: file for file in commit.files}
            self.quarantined |= {file.path: file for file in commit.quarantined}
        return self


def read_snapshot(layout: LakeLayout, at: int | None = None) -> Snapshot:
    """The lake as it is now, or as it was after one commit.

    Args:
        layout: the lake.
        at: the commit to stop at; None for the newest.

    Raises:
        LakeDamaged: a commit is unreadable.
    """
    log = CommitLog(layout.commits)
    snapshot = saved_snapshot(layout)
    if at is None:
        return snapshot.apply_all(log.commits(after=snapshot.number))
    if snapshot.number > at:
        snapshot = Snapshot()
    return snapshot.apply_all(log.commits(after=snapshot.number, up_to=at))


def save_snapshot(layout: LakeLayout, snapshot: Snapshot) -> None:
    """Keep a snapshot beside the log, so that the next one need not read all of it."""
    if not snapshot.number:
        return  # An empty lake has no log to keep it beside.
    replace(layout.commits / SAVED_AS, snapshot.model_dump_json().encode())


def files(layout: LakeLayout, at: int | None = None) -> list[str]:
    """The paths of the lake's data files, for a reader who wants the lake as of one commit.

    They differ from what a listing gives while a commit is being published, and in that the list
    stays good: files that arrive later are not in it, and none is in it twice.

    Args:
        layout: the lake, such as `LakeSettings().layout`.
        at: the commit to stop at; None for the newest whose files are in place.

    Raises:
        LakeMissing: there is no such commit.
        SnapshotGone: files of that commit were compacted away since.
        LakeDamaged: a commit is unreadable.
    """
    then = _newest_in_place(layout) if at is None else read_snapshot(layout, at)
    if at is not None and then.number != at:
        raise LakeMissing(f"the lake has no commit {at}; the newest is {then.number}.")
    for commit in CommitLog(layout.commits).commits(after=then.number):
        if any(file.path in then.files for file in commit.removed_files):
            raise SnapshotGone(
                f"the lake as of commit {then.number} is no longer on disk: commit {commit.number} "
                "replaced some of its files. Ask for that commit or a later one."
            )
    return [str(layout.base / path) for path in then.files]


def _newest_in_place(layout: LakeLayout) -> Snapshot:
    """The lake as of the newest commit, or of the one before while that is being published."""
    newest = read_snapshot(layout)
    commit = CommitLog(layout.commits).read(newest.number) if newest.number else None
    if commit is None or not any(is_prepared(layout.base, file) for file in commit.files):
        return newest
    return read_snapshot(layout, commit.number - 1)


def saved_snapshot(layout: LakeLayout) -> Snapshot:
    """The snapshot kept beside the log; an empty one where there is none to be used."""
    try:
        content = (layout.commits / SAVED_AS).read_bytes()
        snapshot = Snapshot.model_validate_json(content)
    except (FileNotFoundError, ValidationError):
        return Snapshot()
    return snapshot if CommitLog(layout.commits).reaches(snapshot.number) else Snapshot()


def is_prepared(base: Path, file: DataFile | QuarantineFile) -> bool:
    """Whether a committed file is on its way: not in place, but where it is put there from."""
    staged = base / file.staged
    on_its_way = staged.exists() or staged.with_name(Path(file.path).name).exists()
    return on_its_way and not (base / file.path).exists()
