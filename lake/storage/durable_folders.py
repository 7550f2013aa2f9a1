"""Keeps track of the folders that survive a power cut."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lake.storage.local_files import flush
from lake.storage.object_path import LakePath

__all__ = ["DurableFolders"]

_REMEMBERED: Final = 10_000


class DurableFolders:
    """The folders that are known to survive a power cut.

    A folder's name is an entry of its parent, and is durable once the parent has been flushed; the
    same holds for each folder above. That a folder exists proves nothing: another process may have
    created it and been killed before it flushed. So each process trusts only its own flushes. It
    remembers them, so that only folders that are new to it cost a flush.

    Folders in an object store are left out: what it acknowledges is durable.

    Args:
        base: the lake's folder. Folders above it that cannot be opened are left out.
    """

    def __init__(self, base: LakePath) -> None:
        self._base = base
        self._known: set[Path] = set()

    def parents_to_flush(self, folders: Iterable[LakePath]) -> set[Path]:
        """Return the folders to flush to make these durable; empty if they are known to be."""
        above = {new.parent for new in self._new(_local(folders))}
        return {
            folder
            for folder in above
            if folder.is_relative_to(self._base) or os.access(folder, os.R_OK)
        }

    def remember(self, folders: Iterable[LakePath]) -> None:
        """Note that the parents of these folders have been flushed."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        self._known |= self._new(_local(folders))

    def forget(self) -> None:
        """Trust no former flush any more: folders may have been removed and created again."""
        self._known.clear()

    def flush_names_in(self, folders: Iterable[LakePath]) -> None:
        """Make the names in these folders durable, and the folders themselves."""
        local = _local(folders)
        flush(local | self.parents_to_flush(local))
        self.remember(local)

    def _new(self, folders: Iterable[Path]) -> set[Path]:
        """Return the folders and those above them, each up to the first known to be durable."""
        found: set[Path] = set()
        for folder in folders:
            at = folder
            # Hundreds of pairs share the folders above, and a look for a mount costs 0.2 ms.
            while at not in found and at not in self._known and not os.path.ismount(at):
                found.add(at)
                at = at.parent
        return found


def _local(folders: Iterable[LakePath]) -> set[Path]:
    return {folder for folder in folders if isinstance(folder, Path)}
