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

__all__ = ["publish"]

_SWAP_PATIENCE = 60.0
"""Seconds to wait for another process that does the same swap; a swap takes milliseconds."""


def publish(layout: LakeLayout, log: CommitLog, commit: Commit, folders: DurableFolders) -> None:
    """Publish the newest commit, or what is left to do of it, and make it durable.

    Steps that are found done are flushed all the same: the process that did them may have been
    killed before it flushed.

    Any process may call this, and several may at once: the one that wrote the commit, or one that
    found it unfinished and is about to write the next.

    Args:
        layout: the lake.
        log: its commit log.
        commit: the newest commit, durable.
        folders: the folders that are known to be durable.

    Raises:
        FileNotFoundError: A file is neither under staging nor in place.
        LakeBusy: Another process has held the lock for swaps for a minute.
    """
    swapped = _folders(commit.files) & _folders(commit.removed_files)
    for folder in sorted(swapped):
        with writer_lock(layout.lock_file("publisher"), patience=_SWAP_PATIENCE):
            if not log.reaches(commit.number + 1):
                _swap(layout.base, folder, commit)
    arriving = [file for file in commit.published if file.folder not in swapped]
    for file in arriving:
        try:
            link(layout.base / file.staged, layout.base / file.path)
        except FileNotFoundError:
            # The writer of the next commit finishes this one first, and may then remove its files.
            if not log.reaches(commit.number + 1):
                raise
    for gone in commit.removed:
        (layout.base / gone.path).unlink(missing_ok=True)
    leaving = [file for file in commit.removed if file.folder not in swapped]
    folders.flush_names_in(layout.base / file.folder for file in (*arriving, *leaving))


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
