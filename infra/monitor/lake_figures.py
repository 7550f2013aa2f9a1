"""What is in the lake, counted by following its commit log."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lake.layout import LakeLayout, hour_of_path
from lake.log.commit import DataFile, Role, Source
from lake.log.commit_log import CommitLog
from lake.log.folded_commits import newest_time
from lake.log.snapshot import read_snapshot

__all__ = ["STATES", "LakeFigures", "Size"]

OPEN, CROWDED, COMPACTED = STATES = ("open_hour", "not_compacted", "compacted")
"""Of a pair's files in one hour: the hour is not over; it is, and there are several; it is one."""
_HOUR: Final = timedelta(hours=1)


@dataclass
class Size:
    """A number of files, and their bytes."""

    files: int = 0
    bytes: int = 0

    def add(self, files: int, size: int) -> None:
        """Add files; negative numbers take them away."""
        self.files += files
        self.bytes += size


@dataclass
class _Hour:
    """The files of all pairs in one hour: of pairs that have one there, and of the others."""

    single: Size
    several: Size


class LakeFigures:
    """Counts the lake's files and trades; each commit is read once.

    Its size grows with the pairs and hours of the lake, not with its files.

    Args:
        layout: the lake.

    Attributes:
        trades: trades in the lake.
        retired: trades that have landed and were retired.
        quarantined: records in quarantine.
        commit: the number of the newest commit; 0 for an empty lake.
        committed_at: when the stream's newest commit was written; None if it has none.
        source: the topic that the lake is filled from.
        position: the next offset to land, per partition.
    """

    def __init__(self, layout: LakeLayout) -> None:
        self._layout = layout
        self._log = CommitLog(layout.commits)
        self._folders: dict[str, Size] = {}
        self._hours: dict[datetime, _Hour] = defaultdict(lambda: _Hour(Size(), Size()))
        self._begun = False
        self.trades = 0
        self.retired = 0
        self.quarantined = 0
        self.commit = 0
        self.committed_at: datetime | None = None
        self.source: Source | None = None
        self.position: Mapping[int, int] = {}

    def follow(self) -> None:
        """Read the commits that are new.

        Raises:
            LakeDamaged: A commit cannot be read.
        """
        if not self._begun:
            self._begin()
        for commit in self._log.commits(after=self.commit):
            self._count(commit.removed_files, -1)
            self._count(commit.files, 1)
            self.trades += commit.rows - sum(file.rows for file in commit.removed_files)
            self.retired += commit.retired.trades if commit.retired else 0
            self.quarantined += commit.quarantined_rows
            self.quarantined -= sum(file.rows for file in commit.removed_quarantine)
            self.source = commit.source
            self.position = {at: covered.end for at, covered in commit.offsets.items()}
            if commit.role is Role.STREAM:
                self.committed_at = commit.committed_at
            self.commit = commit.number

    def sizes(self, now: datetime) -> dict[str, Size]:
        """Return files and bytes by state, at this time."""
        found = {state: Size() for state in STATES}
        for hour, inside in self._hours.items():
            is_open = hour + _HOUR > now
            for size, state in ((inside.single, COMPACTED), (inside.several, CROWDED)):
                found[OPEN if is_open else state].add(size.files, size.bytes)
        return found

    def _begin(self) -> None:
        """Count what the log's snapshot and its newest commits hold."""
        snapshot = read_snapshot(self._layout)
        self._count(snapshot.files.values(), 1)
        self.trades = sum(file.rows for file in snapshot.files.values())
        self.retired = sum(proof.trades for proof in snapshot.retired.values())
        self.quarantined = sum(file.rows for file in snapshot.quarantined.values())
        self.commit = snapshot.number
        self._begun = True
        self.committed_at = newest_time(self._log, Role.STREAM, snapshot.number)
        if (commit := self._log.read(snapshot.number)) is not None:
            self.source = commit.source
            self.position = {at: covered.end for at, covered in commit.offsets.items()}

    def _count(self, files: Iterable[DataFile], sign: int) -> None:
        for file in files:
            hour = self._hours[hour_of_path(file.path)]
            folder = self._folders.setdefault(file.folder, Size())
            _side(hour, folder).add(-folder.files, -folder.bytes)
            folder.add(sign, sign * file.bytes)
            _side(hour, folder).add(folder.files, folder.bytes)


def _side(hour: _Hour, folder: Size) -> Size:
    return hour.several if folder.files > 1 else hour.single
