"""Folders that a power cut cannot take away."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from lake.storage.local_files import flush

__all__ = ["DurableFolders"]

_REMEMBERED: Final = 10_000


class DurableFolders:
    """Which folders are known to be found again after a power cut.

    A folder is found by its name, which stands in its parent and is durable once that was flushed;
    and so on upwards. That a folder exists proves nothing, since another process may have made it
    and been killed before it flushed: each process goes by its own flushes alone. They are
    remembered, so that only folders that are new to it cost anything.

    Args:
        base: the lake's folder. Folders above it that may not be opened are left out.
    """

    def __init__(self, base: Path) -> None:
        self._base = base
        self._known: set[Path] = set()

    def parents_to_flush(self, folders: Iterable[Path]) -> set[Path]:
        """The folders to flush so that these are found again; empty where they are known to be."""
        above = {folder.parent for new in folders for folder in self._new(new)}
        return {
            folder
            for folder in above
            if folder.is_relative_to(self._base) or os.access(folder, os.R_OK)
        }

    def remember(self, folders: Iterable[Path]) -> None:
        """Their parents to flush have been flushed."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        self._known.update(known for folder in folders for known in list(self._new(folder)))

    def flush_names_in(self, folders: Iterable[Path]) -> None:
        """Make the names in these folders survive a power cut, and the folders themselves."""
        folders = set(folders)
        flush(folders | self.parents_to_flush(folders))
        self.remember(folders)

    def _new(self, folder: Path) -> Iterator[Path]:
        """The folder and those above it, up to the first that is sure to be there."""
        for each in (folder, *folder.parents):
            if each in self._known or os.path.ismount(each):
                return
            yield each
