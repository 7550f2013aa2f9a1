"""Bringing a commit's files into place: what is done already stays as it is.

Files of a folder that merely gains some are renamed into it, one by one. Where a commit also
takes files away from the folder, as compaction does, readers must see neither both nor none. So
the folder as it is to be is prepared under staging, with links to all files that stay, and
exchanged for the one in place. The old folder, with the old files, is then what lies under
staging, and goes some time later.

Of a swap a reader who lists files sees the folder before or the folder after, never a mixture. One
who lists before and opens after is told that the file does not exist, and lists again; files that
are open stay readable. Where the file system cannot exchange two folders, the folder is missing
for the moment between two renames (see `lake.exchange`).
"""

import os
from collections.abc import Iterable
from pathlib import Path

from lake.commit import Commit, DataFile, QuarantineFile
from lake.commit_log import CommitLog
from lake.exchange import exchange_folders
from lake.layout import LakeLayout
from lake.lock import writer_lock
from lake.storage import flush_folders, move

__all__ = ["is_prepared", "publish"]

_SWAP_PATIENCE = 60.0
"""Seconds to wait for another process that is at the same swap; it takes milliseconds."""


def publish(layout: LakeLayout, log: CommitLog, commit: Commit) -> None:
    """Publish the newest commit, or what is left to do of it.

    Any process may do it, also several at once: the one that wrote the commit, or one that found
    it unfinished and is about to write the next.

    Raises:
        FileNotFoundError: a file is neither under staging nor in place.
        LakeBusy: another process has been at a swap for a minute.
    """
    swapped = _folders(commit.files) & _folders(commit.removed_files)
    for folder in sorted(swapped):
        with writer_lock(layout.lock_file("publisher"), patience=_SWAP_PATIENCE):
            if not log.reaches(commit.number + 1):
                _swap(layout.base, folder, commit)
    moved = [file for file in commit.published if file.folder not in swapped]
    for file in moved:
        try:
            move(layout.base / file.staged, layout.base / file.path)
        except FileNotFoundError:
            # Who writes the next commit finishes this one before, and may take its files away.
            if not log.reaches(commit.number + 1):
                raise
    for gone in commit.removed:
        (layout.base / gone.path).unlink(missing_ok=True)
    flush_folders(layout.base / file.folder for file in moved)


def is_prepared(base: Path, file: DataFile | QuarantineFile) -> bool:
    """Whether a committed file is on its way: not in place, but where it is put there from."""
    staged = base / file.staged
    on_its_way = staged.exists() or staged.with_name(Path(file.path).name).exists()
    return on_its_way and not (base / file.path).exists()


def _swap(base: Path, folder: str, commit: Commit) -> None:
    """Exchange one folder for the one prepared, unless that has been done."""
    arriving = [file for file in commit.files if file.folder == folder]
    if all((base / file.path).exists() for file in arriving):
        return
    in_place = base / folder
    prepared = (base / arriving[0].staged).parent
    for file in arriving:
        move(base / file.staged, prepared / Path(file.path).name)
    leaving = {Path(file.path).name for file in commit.removed_files if file.folder == folder}
    if in_place.exists():
        _link_all(in_place, prepared, but=leaving)
    flush_folders([prepared])
    exchange_folders(in_place, prepared)
    flush_folders([in_place.parent, prepared.parent])


def _link_all(source: Path, target: Path, but: set[str]) -> None:
    """Give the files of one folder a second name in another."""
    for entry in os.scandir(source):
        stays = entry.is_file(follow_symlinks=False) and entry.name not in but
        if stays and not (target / entry.name).exists():
            (target / entry.name).hardlink_to(entry.path)


def _folders(files: Iterable[DataFile]) -> set[str]:
    return {file.folder for file in files}
