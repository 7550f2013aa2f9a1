"""Replaces the log of a Delta table, whatever is left of it, with one of a single version."""

import shutil
from pathlib import Path
from typing import Final

from lake.errors import LakeBusy
from lake.storage.atomic_swap import swap_folders
from lake.storage.local_files import flush
from lake.tables.delta.log import FOLDER, DeltaLog

__all__ = ["replace_log"]

_ATTEMPTS: Final = 5


def replace_log(log: DeltaLog, content: bytes) -> None:
    """Replace a log with one that begins with this version 0.

    On a file system the new log is prepared beside the old one and takes its place in one step, so
    a reader finds the one or the other. A store cannot do that: there the old log is removed first,
    and for a moment a reader finds no table, or an older version of it.

    Raises:
        OSError, LakeUnwritable: The storage refused a write.
        LakeBusy: In a store, others wrote to the log all the time.
    """
    if isinstance(log.folder, Path):
        _swap(log.folder, content)
        return
    for _ in range(_ATTEMPTS):
        # A version that was written since the log was listed would stay, and belong to no log.
        if not log.clear() and log.create(0, content):
            return
    raise LakeBusy(
        f"other processes wrote to {log.folder} all the time; end each `kraken-lake tables sync` "
        "and try again."
    )


def _swap(folder: Path, content: bytes) -> None:
    _drop_leftovers(folder)
    prepared = DeltaLog(new := folder.with_name(f".{FOLDER}.new"))
    prepared.create(0, content)
    if folder.exists():
        swap_folders(folder, new)
    else:
        new.rename(folder)
    flush([folder.parent])
    _drop_leftovers(folder)


def _drop_leftovers(folder: Path) -> None:
    for path in folder.parent.glob(f".{FOLDER}.new*"):
        shutil.rmtree(path, ignore_errors=True)
