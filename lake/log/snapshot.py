"""The lake as of one commit: the list of its files."""

from contextlib import suppress
from typing import Final

from pydantic import ValidationError

from lake.errors import CommitsFolded, LakeBusy, LakeDamaged, LakeMissing, SnapshotGone
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.log.live_files import Snapshot, is_prepared
from lake.storage.operations import replace

__all__ = [
    "SAVED_AS",
    "Snapshot",
    "files",
    "is_prepared",
    "kept_snapshot",
    "newest_in_place",
    "read_snapshot",
    "save_snapshot",
    "saved_snapshot",
]


SAVED_AS: Final = "_snapshot.json"
"""The snapshot beside a log that has no manifest yet. Earlier versions need it in any log."""

_ATTEMPTS: Final = 5
"""How often to start again when the log is folded while it is read."""


def read_snapshot(layout: LakeLayout, at: int | None = None) -> Snapshot:
    """Read the lake's files as they are now, or as they were after one commit.

    Args:
        layout: the lake.
        at: the commit to stop at; None for the newest.

    Raises:
        CommitsFolded: `at` is before the commits that are kept.
        LakeBusy: The log was folded again and again while it was read.
        LakeDamaged: A commit is unreadable, or every manifest is.
    """
    log = CommitLog(layout.commits)
    for _ in range(_ATTEMPTS):
        base = kept_snapshot(layout)
        with suppress(CommitsFolded):
            if at is None:
                return base.apply_all(log.commits(after=base.number))
            if base.number <= at:
                return base.apply_all(log.commits(after=base.number, up_to=at))
            return _taken_back(base, log, at)
        if at is not None and at < (folded := log.folded()):
            raise CommitsFolded(
                f"the lake as of commit {at} is not known any more: the commits up to {folded} are "
                f"folded. Ask for commit {folded} or a later one; LOG_RETENTION_HOURS says how "
                "long commits are kept."
            )
    raise LakeBusy(f"{layout.commits} was folded {_ATTEMPTS} times while it was read; try again.")


def kept_snapshot(layout: LakeLayout) -> Snapshot:
    """Read the newest snapshot that the log keeps; an empty one if it was never folded.

    It is in the newest manifest. `_snapshot.json` counts only if the log has no whole manifest.

    Raises:
        LakeBusy: The manifests were replaced again and again while they were read.
        LakeDamaged: Every manifest is, and `_snapshot.json` is missing or older.
    """
    log = CommitLog(layout.commits)
    try:
        manifest = log.manifests.newest()
    except LakeDamaged:
        # A fold stores the same files as JSON, too, for earlier versions.
        saved = saved_snapshot(layout)
        if saved.number and saved.number >= log.folded():
            return saved
        raise
    return saved_snapshot(layout) if manifest is None else manifest.snapshot


def _taken_back(snapshot: Snapshot, log: CommitLog, at: int) -> Snapshot:
    """Undo commits until the snapshot is as of an earlier one.

    Raises:
        CommitsFolded: Some of these commits are not kept.
        LakeDamaged: One of them is unreadable or missing.
    """
    while snapshot.number > at:
        commit = log.read(snapshot.number)
        if log.folded() > at:
            raise CommitsFolded(f"commit {snapshot.number} has been folded")
        if commit is None:
            raise LakeDamaged(
                f"{log.path(snapshot.number)} is missing. Restore it from a copy: without it, the "
                f"lake as of commit {at} is unknown."
            )
        snapshot.undo(commit)
    return snapshot


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
    then = newest_in_place(layout) if at is None else read_snapshot(layout, at)
    if at is not None and then.number != at:
        raise LakeMissing(f"the lake has no commit {at}; the newest is {then.number}.")
    # In an object store, the files that a commit replaces are there until maintenance runs again.
    is_kept = at is None and layout.is_on_store
    for commit in () if is_kept else CommitLog(layout.commits).commits(after=then.number):
        if any(file.path in then.files for file in commit.removed_files):
            raise SnapshotGone(
                f"the lake as of commit {then.number} is no longer on disk: commit {commit.number} "
                "replaced some of its files. Ask for that commit or a later one."
            )
    return [f"{layout.base}/{path}" for path in then.files]


def newest_in_place(layout: LakeLayout) -> Snapshot:
    """Read the newest snapshot, or the one before while the newest is being published.

    Raises:
        LakeBusy: The log was folded again and again while it was read.
        LakeDamaged: A commit is unreadable, or every manifest is.
    """
    newest = read_snapshot(layout)
    commit = CommitLog(layout.commits).read(newest.number) if newest.number else None
    if commit is not None and any(is_prepared(layout.base, file) for file in commit.files):
        newest.undo(commit)
    return newest


def saved_snapshot(layout: LakeLayout) -> Snapshot:
    """Read the snapshot kept beside the log; an empty one if there is none that can be used."""
    try:
        content = (layout.commits / SAVED_AS).read_bytes()
        snapshot = Snapshot.model_validate_json(content)
    except (FileNotFoundError, ValidationError):
        return Snapshot()
    return snapshot if CommitLog(layout.commits).reaches(snapshot.number) else Snapshot()
