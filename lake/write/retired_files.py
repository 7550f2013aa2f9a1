"""Removes the files of a commit that retires them, and the folders that they leave empty.

Each file is all of its pair's hour, so a reader that lists files sees such an hour or does not. A
reader that has listed a file and opens it too late gets "file not found" and lists again, as during
compaction.

This runs under the lock for publishing, so no other process links a file into a folder that is
being removed. A process that remembers a folder as durable has to forget it
(`LakeWriter` does, when it reads such a commit): if the folder is created again, its name is new.
"""

from collections.abc import Iterable
from pathlib import Path

from lake.log.commit import DataFile
from lake.storage.durable_folders import DurableFolders

__all__ = ["remove_retired"]


def remove_retired(base: Path, files: Iterable[DataFile], folders: DurableFolders) -> None:
    """Remove files and empty folders, durably. Idempotent.

    Only the folders that stay are flushed: a file is gone with the name of the folder above it.
    Flushing each pair's folder would keep the lock, and so the stream, waiting for seconds.

    Args:
        base: BASE_OUTPUT_PATH.
        files: the retired files.
        folders: the folders that are known to be durable.
    """
    emptied = set()
    for file in files:
        _unlink(base / file.path)
        emptied.add(base / file.folder)
    staying = {_remove_empty(folder, base) for folder in sorted(emptied)}
    folders.forget()
    folders.flush_names_in(folder for folder in staying if folder.exists())


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)


def _remove_empty(folder: Path, base: Path) -> Path:
    """Remove a folder and those above it that are empty; return the first one that stays.

    The exchange's folder, directly below `base`, always stays.
    """
    while folder.parent not in {base, folder}:
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass  # A process that was killed removed it.
        except OSError:
            break  # It holds a file, perhaps a trade that arrived late.
        folder = folder.parent
    return folder
