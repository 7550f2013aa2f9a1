"""Bringing a commit's files into place: what is done already stays as it is.

Files of a folder that merely gains some are linked into it, one by one, and keep their names under
staging until the new ones are durable. Where a commit also takes files away from the folder, as
compaction does, readers must see neither both nor none. So the folder as it is to be is prepared
under staging, with links to all files that stay, and exchanged for the one in place. The old
folder, with the old files, is then what lies under staging, and goes some time later.

Of a swap a reader who lists files sees the folder before or the folder after, never a mixture. One
who lists before and opens after is told that the file does not exist, and lists again; files that
are open stay readable. Where the file system cannot exchange two folders, the folder is missing
for the moment between two renames (see `lake.storage.atomic_swap`).
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
"""Seconds to wait for another process that is at the same swap; it takes milliseconds."""


def publish(layout: LakeLayout, log: CommitLog, commit: Commit, folders: DurableFolders) -> None:
    """Publish the newest commit, or what is left to do of it, and make it durable.

    What is found done is flushed all the same: who did it may have been killed before.

    Any process may do it, also several at once: the one that wrote the commit, or one that found
    it unfinished and is about to write the next.

    Args:
        layout: the lake.
        log: its commit log.
        commit: the newest commit, durable.
        folders: those that are known to be durable.

    Raises:
        FileNotFoundError: a file is neither under staging nor in place.
        LakeBusy: another process has been at a swap for a minute.
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
            # Who writes the next commit finishes this one before, and may take its files away.
            if not log.reaches(commit.number + 1):
                raise
    for gone in commit.removed:
        (layout.base / gone.path).unlink(missing_ok=True)
    leaving = [file for file in commit.removed if file.folder not in swapped]
    folders.flush_names_in(layout.base / file.folder for file in (*arriving, *leaving))


def _swap(base: Path, folder: str, commit: Commit) -> None:
    """Exchange one folder for the one prepared, unless that has been done."""
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
    # The folder prepared holds the old files now: what is staged must not be put among them.
    for file in arriving:
        (base / file.staged).unlink(missing_ok=True)


def _prepared(base: Path, file: DataFile) -> Path:
    """Where the folder that a file goes into is prepared: beside the staged file.

    Version 0.1 staged the file in that very folder.
    """
    staged = base / file.staged
    in_it = staged.parent.name == Path(file.folder).name
    return staged.parent if in_it else staged.with_suffix(".folder")


def _unlink_staged_in(prepared: Path, base: Path, arriving: Iterable[DataFile]) -> None:
    """Take away the names under which files were staged in the folder itself, durably.

    Readers would find these files twice.
    """
    staged = [path for file in arriving if (path := base / file.staged).parent == prepared]
    if staged:
        for path in staged:
            path.unlink(missing_ok=True)
        flush([prepared])


def _link_all(source: Path, target: Path, but: set[str]) -> None:
    """Give the files of one folder a second name in another."""
    for entry in os.scandir(source):
        stays = entry.is_file(follow_symlinks=False) and entry.name not in but
        if stays and not (target / entry.name).exists():
            (target / entry.name).hardlink_to(entry.path)


def _folders(files: Iterable[DataFile]) -> set[str]:
    return {file.folder for file in files}
