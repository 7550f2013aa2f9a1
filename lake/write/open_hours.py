"""Merges small files of the hours that are still open, beside the stream that adds to them.

Each round takes the maintenance role and gives it back, so that compaction, replay and reread can
take it in between. A folder is one commit, as in `lake.write.compaction`.
"""

import secrets
import time
from collections.abc import Generator, Iterable
from datetime import datetime, timedelta
from typing import Final

from lake.errors import LakeDamaged
from lake.layout import LakeLayout, hour_of_path
from lake.log.commit import DataFile, Role
from lake.log.commit_log import CommitLog
from lake.log.snapshot import read_snapshot
from lake.settings import Compression
from lake.write.compaction import Compacted, Compaction
from lake.write.merge_choice import files_to_merge
from lake.write.writer import LakeWriter

__all__ = ["OpenHours", "OpenHoursMerger"]

_ROUND_AT_MOST: Final = 4.0
"""Seconds after which a round begins no further merge. Others wait ten seconds for the role."""

_PATIENCE: Final = 1.0
"""Seconds to wait for the role; another round comes soon."""


class OpenHours:
    """The files of the hours that are not closed, by folder, kept up to date from the commit log.

    Args:
        layout: the lake.
    """

    def __init__(self, layout: LakeLayout) -> None:
        self._layout = layout
        self._log = CommitLog(layout.commits)
        self._number: int | None = None
        self._folders: dict[str, dict[str, DataFile]] = {}

    def crowded(self, number: int, closed_by: datetime) -> list[tuple[DataFile, ...]]:
        """Return the files to merge, by folder, the folder with the most files first.

        Args:
            number: the commit to look at; the files of all commits up to it are in place.
            closed_by: hours that had ended by then are left out.

        Raises:
            LakeDamaged: A commit is unreadable.
        """
        self._read_up_to(number)
        for folder in [each for each in self._folders if _ended(each, closed_by)]:
            del self._folders[folder]
        # In an object store, nothing in the readers' folder is ever replaced.
        in_store, is_live = self._layout.is_on_store, self._layout.is_live
        crowded = [
            group
            for folder, files in self._folders.items()
            if (is_live(folder) or not in_store)
            and (group := files_to_merge(tuple(files.values())))
        ]
        return sorted(crowded, key=len, reverse=True)

    def _read_up_to(self, number: int) -> None:
        if self._number is not None and self._number <= number:
            for commit in self._log.commits(after=self._number, up_to=number):
                self._remove(commit.removed_files)
                self._add(commit.files)
                self._number = commit.number
        if self._number != number:
            # The first round, or one that comes after commits were folded into a checkpoint.
            self._folders = {}
            self._add(read_snapshot(self._layout, at=number).files.values())
            self._number = number

    def _add(self, files: Iterable[DataFile]) -> None:
        for file in files:
            self._folders.setdefault(file.folder, {})[file.path] = file

    def _remove(self, files: Iterable[DataFile]) -> None:
        for file in files:
            self._folders.get(file.folder, {}).pop(file.path, None)


class OpenHoursMerger:
    """Merges small files of open hours, round after round.

    Args:
        layout: the lake.
        compression: the codec of the merged files.
        closed_after: an hour that ended this long ago is left to compaction.
    """

    def __init__(
        self, layout: LakeLayout, compression: Compression, closed_after: timedelta
    ) -> None:
        self._layout = layout
        self._compression: Compression = compression
        self._closed_after = closed_after
        self._hours = OpenHours(layout)
        self._damaged: set[str] = set()

    def round(self, now: datetime) -> Generator[Compacted | LakeDamaged, None, None]:
        """Merge once in each folder that has too many files, and yield each result.

        A folder whose files are damaged is left as it is, its error is yielded, and later rounds
        leave it out. A round that takes too long leaves folders to the next.

        Args:
            now: the time, UTC.

        Raises:
            LakeBusy: Another process has the maintenance role.
            LakeDamaged: The commit log is unreadable.
            LakeUnwritable: The storage refused a write.
        """
        with LakeWriter.open(
            self._layout,
            run_id=secrets.token_hex(4),
            role=Role.MAINTENANCE,
            compression=self._compression,
            patience=_PATIENCE,
        ) as writer:
            deadline = time.monotonic() + _ROUND_AT_MOST
            compaction = Compaction(self._layout, writer, self._compression)
            # Opening has finished the newest commit, so all files up to it are in place. A later
            # one may be about to be published.
            crowded = self._hours.crowded(writer.state.number, now - self._closed_after)
            for files in crowded:
                if files[0].folder in self._damaged:
                    continue
                for outcome in compaction.merge_each([files], thorough=False):
                    if isinstance(outcome, LakeDamaged):
                        self._damaged.add(files[0].folder)
                    yield outcome
                if time.monotonic() > deadline:
                    return


def _ended(folder: str, by: datetime) -> bool:
    return hour_of_path(folder) + timedelta(hours=1) <= by
