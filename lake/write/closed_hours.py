"""The files of closed hours that compaction has to merge."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from lake.layout import LakeLayout, hour_of_path
from lake.log.commit import DataFile

__all__ = ["crowded_folders", "live_folders"]


def crowded_folders(files: Iterable[DataFile], closed_by: datetime) -> list[tuple[DataFile, ...]]:
    """Group the files of folders that hold several and whose hour had ended, oldest hour first."""
    return [inside for inside in _closed_folders(files, closed_by) if len(inside) > 1]


def live_folders(
    layout: LakeLayout, files: Iterable[DataFile], closed_by: datetime
) -> list[tuple[DataFile, ...]]:
    """Group the live files of a lake in an object store whose hour had ended, oldest hour first.

    A single one counts, too: its hour has to be closed. What the hour holds in the readers' folder
    does not: objects there are never replaced.
    """
    return _closed_folders((file for file in files if layout.is_live(file.path)), closed_by)


def _closed_folders(files: Iterable[DataFile], closed_by: datetime) -> list[tuple[DataFile, ...]]:
    folders: dict[str, list[DataFile]] = {}
    for file in files:
        folders.setdefault(file.folder, []).append(file)
    closed = [
        tuple(inside)
        for folder, inside in folders.items()
        if hour_of_path(folder) + timedelta(hours=1) <= closed_by
    ]
    return sorted(closed, key=lambda inside: (hour_of_path(inside[0].path), inside[0].symbol))
