"""Publishing: puts a commit's files in place. It is idempotent, so it can be repeated after a kill.

If a commit only adds files to a folder, they are hard-linked into it one by one. Their names under
staging stay until the new names are durable. If a commit also removes files from the folder, as
compaction does, readers must never see old and new files together, nor neither. So the new version
of the folder is prepared under staging, with links to all files that stay, and swapped with the
folder in place. The old folder with the old files then lies under staging and is removed later.

A reader that lists files during a swap sees the old folder or the new one, never a mixture. A
reader that lists before the swap and opens a file after it gets "file not found" and must list
again. Files that are already open stay readable. If the file system cannot exchange two folders,
the folder is missing for a moment between two renames (see `lake.storage.atomic_swap`).

If a commit retires files, they are removed one by one, each of which is all of its pair's hour.
Folders that become empty are removed. The proof of what was retired is put in place last: while it
still waits under staging, the commit is unfinished.

All this is about file systems; `lake.write.store.publishing` does it in an object store.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from lake.layout import LakeLayout
from lake.log.commit import Commit, DataFile
from lake.log.commit_log import CommitLog
from lake.storage.atomic_swap import swap_folders
from lake.storage.durable_folders import DurableFolders
from lake.storage.local_files import flush, link
from lake.storage.lock import writer_lock
from lake.storage.object_path import LakePath
from lake.write.retired_files import remove_retired
from lake.write.store.publishing import publish_objects

__all__ = ["names_needed", "publish"]

_PATIENCE = 60.0
"""Seconds to wait for another process that is publishing, which takes milliseconds."""


def publish(layout: LakeLayout, log: CommitLog, commit: Commit, folders: DurableFolders) -> None:
    """Publish the newest commit, or what is left to do of it, and make it durable.

    Steps that are found done are flushed all the same: the process that did them may have been
    killed before it flushed.

    Any process may call this, and several may at once: the one that wrote the commit, or one that
    found it unfinished and is about to write the next. A lock lets one work at a time. A commit
    that is no longer the newest is left alone: whoever wrote the next one has finished this one,
    durably, and may have removed its files again since. Linking them once more would bring their
    trades back beside the file that they were merged into.

    Args:
        layout: the lake.
        log: its commit log.
        commit: the newest commit, durable.
        folders: the folders that are known to be durable.

    Raises:
        FileNotFoundError: A file is neither under staging nor in place.
        LakeBusy: Another process has held the lock for a minute.
    """
    base = layout.base
    if not isinstance(base, Path):
        publish_objects(layout, log, commit)
        return
    with writer_lock(layout.lock_file("publisher"), patience=_PATIENCE):
        if not log.reaches(commit.number + 1):
            _publish(base, commit, folders)


def names_needed(base: LakePath, commit: Commit, run: LakePath) -> set[LakePath]:
    """Return the files that a commit publishes and the folders above them, to be made durable.

    Args:
        base: BASE_OUTPUT_PATH.
        commit: the commit.
        run: the folder under staging of the run that commits; folders above it are left out.
    """
    staged = [base / file.staged for file in commit.published]
    inside = {
        above
        for folder in {path.parent for path in staged}
        for above in (folder, *folder.parents)
        if above.is_relative_to(run)
    }
    return {*staged, *inside}


def _publish(base: Path, commit: Commit, folders: DurableFolders) -> None:
    swapped = _folders(commit.files) & _folders(commit.removed_files)
    for folder in sorted(swapped):
        _swap(base, folder, commit)
    removed = commit.removed
    if commit.retired is not None:
        remove_retired(base, commit.removed_files, folders)
        removed = commit.removed_quarantine
    arriving = [file for file in commit.published if file.folder not in swapped]
    for file in arriving:
        link(base / file.staged, base / file.path)
    for gone in removed:
        (base / gone.path).unlink(missing_ok=True)
    leaving = [file for file in removed if file.folder not in swapped]
    folders.flush_names_in(base / file.folder for file in (*arriving, *leaving))


def _swap(base: Path, folder: str, commit: Commit) -> None:
    """Swap one folder with its prepared version, unless that has been done."""
    arriving = [file for file in commit.files if file.folder == folder]
    in_place = base / folder
    prepared = _prepared(base, arriving[0])
    if not all((base / file.path).exists() for file in arriving):
        for file in arriving:
            link(base / file.staged, prepared / Path(file.path).name)
        leaving = {Path(file.path).name for file in commit.removed_files if file.folder == folder}
        if in_place.exists():
            _link_all(in_place, prepared, but=leaving)
        flush([prepared, prepared.parent])
        _unlink_staged_in(prepared, base, arriving)
        swap_folders(in_place, prepared)
    flush(parent for parent in (in_place.parent, prepared.parent) if parent.exists())
    # The prepared folder now holds the old files: a repeated run must not link staged files to it.
    for file in arriving:
        (base / file.staged).unlink(missing_ok=True)


def _prepared(base: Path, file: DataFile) -> Path:
    """Return where the new version of a file's folder is prepared: beside the staged file.

    Version 0.1 staged the file in that folder itself.
    """
    staged = base / file.staged
    in_it = staged.parent.name == Path(file.folder).name
    return staged.parent if in_it else staged.with_suffix(".folder")


def _unlink_staged_in(prepared: Path, base: Path, arriving: Iterable[DataFile]) -> None:
    """Remove the names under which version 0.1 staged files in the folder itself, durably.

    With them, readers would find these files twice.
    """
    staged = [path for file in arriving if (path := base / file.staged).parent == prepared]
    if staged:
        for path in staged:
            path.unlink(missing_ok=True)
        flush([prepared])


def _link_all(source: Path, target: Path, but: set[str]) -> None:
    """Hard-link the files of one folder into another, except those in `but`."""
    for entry in os.scandir(source):
        stays = entry.is_file(follow_symlinks=False) and entry.name not in but
        if stays and not (target / entry.name).exists():
            (target / entry.name).hardlink_to(entry.path)


def _folders(files: Iterable[DataFile]) -> set[str]:
    return {file.folder for file in files}
