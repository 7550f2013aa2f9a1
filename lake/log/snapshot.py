"""The lake as of one commit: the list of its files."""

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
    """The files that all commits up to one result in.

    Attributes:
        number: the newest commit applied; 0 for an empty lake.
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
        """Apply commits, in their order."""
        for commit in commits:
            self.number = commit.number
            for gone in commit.removed:
                self.files.pop(gone.path, None)
                self.quarantined.pop(gone.path, None)
            self.files |= {file.path: file for file in commit.files}
            self.quarantined |= {file.path: file for file in commit.quarantined}
        return self


def read_snapshot(layout: LakeLayout, at: int | None = None) -> Snapshot:
    """Read the lake's files as they are now, or as they were after one commit.

    Args:
        layout: the lake.
        at: the commit to stop at; None for the newest.

    Raises:
        LakeDamaged: A commit is unreadable.
    """
    log = CommitLog(layout.commits)
    snapshot = saved_snapshot(layout)
    if at is None:
        return snapshot.apply_all(log.commits(after=snapshot.number))
    if snapshot.number > at:
        snapshot = Snapshot()
    return snapshot.apply_all(log.commits(after=snapshot.number, up_to=at))


def save_snapshot(layout: LakeLayout, snapshot: Snapshot) -> None:
    """Write a snapshot beside the log, so that the next reader need not read all of the log."""
    if not snapshot.number:
        return  # An empty lake has no log to keep it beside.
    replace(layout.commits / SAVED_AS, snapshot.model_dump_json().encode())


def files(layout: LakeLayout, at: int | None = None) -> list[str]:
    """List the paths of the lake's data files as of one commit.

    While a commit is being published, a directory listing may give other files. And this list stays
    valid: it has no file that arrived later, and none twice.

    Args:
        layout: the lake, such as `LakeSettings().layout`.
        at: the commit to stop at; None for the newest whose files are in place.

    Raises:
        LakeMissing: There is no such commit.
        SnapshotGone: Compaction has replaced files of that commit since.
        LakeDamaged: A commit is unreadable.
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
    """Read the newest snapshot, or the one before while the newest is being published."""
    newest = read_snapshot(layout)
    commit = CommitLog(layout.commits).read(newest.number) if newest.number else None
    if commit is None or not any(is_prepared(layout.base, file) for file in commit.files):
        return newest
    return read_snapshot(layout, commit.number - 1)


def saved_snapshot(layout: LakeLayout) -> Snapshot:
    """Read the snapshot kept beside the log; an empty one if there is none that can be used."""
    try:
        content = (layout.commits / SAVED_AS).read_bytes()
        snapshot = Snapshot.model_validate_json(content)
    except (FileNotFoundError, ValidationError):
        return Snapshot()
    return snapshot if CommitLog(layout.commits).reaches(snapshot.number) else Snapshot()


def is_prepared(base: Path, file: DataFile | QuarantineFile) -> bool:
    """Return whether a committed file still waits under staging and is not in place."""
    staged = base / file.staged
    on_its_way = staged.exists() or staged.with_name(Path(file.path).name).exists()
    return on_its_way and not (base / file.path).exists()
