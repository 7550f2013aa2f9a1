"""The lake's files by pair and hour, followed commit by commit, without listing a folder."""

import threading
import time
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from console.errors import NotThere
from console.lake_view.pair_files import PairFiles
from lake.errors import LakeError
from lake.id_ranges import IdRanges
from lake.layout import LakeLayout, hour_of_path
from lake.log.commit import Commit, CommittedFile, DataFile, QuarantineFile, Role
from lake.log.commit_log import CommitLog
from lake.log.retirement_file import read_retired_ids
from lake.log.snapshot import saved_snapshot
from lake.storage.object_path import LakePath

__all__ = ["LakeIndex", "Landing", "readable"]

_RECENT: Final = timedelta(minutes=5)
"""How far back commits are remembered for rates."""
_LOOKED_BACK: Final = 2000
_GAP_LOOK: Final = 10
_GAP_EVERY: Final = 5.0


@dataclass(frozen=True)
class Landing:
    """What one commit of the stream brought.

    Attributes:
        number: the commit's number.
        at: when it was written, UTC.
        rows: trades it published, per pair folder.
        files: the data files it published.
    """

    number: int
    at: datetime
    rows: dict[str, int]
    files: tuple[DataFile, ...]


class LakeIndex:
    """The lake as of the newest commit that was read. `refresh` reads the next ones.

    Attributes:
        layout: the lake.
        number: the newest commit that was applied; 0 for an empty lake.
        newest: that commit, and the newest one of the stream; None if there is none.
        fault: why the log cannot be read further, as a sentence; empty if it can.
    """

    def __init__(self, layout: LakeLayout) -> None:
        self.layout = layout
        self._log = CommitLog(layout.commits)
        self._lock = threading.RLock()
        self._looked_for_gap = 0.0
        self._clear()

    def _clear(self) -> None:
        self.number = 0
        self.newest: Commit | None = None
        self.newest_of_stream: Commit | None = None
        self.fault = ""
        self._pairs: dict[str, PairFiles] = {}
        self._quarantined: dict[str, QuarantineFile] = {}
        self._recent: deque[Landing] = deque()

    @property
    def exists(self) -> bool:
        """Whether there is a lake in this place."""
        return bool(self.number) or self.layout.commits.exists()

    def refresh(self) -> None:
        """Read the commits since the last time; cheap if there are none."""
        with self._lock:
            try:
                if self.number and not self._log.reaches(self.number):
                    self._clear()  # Another lake is in this place now.
                if not self.number:
                    self._load()
                for commit in self._log.commits(after=self.number):
                    self._apply(commit)
                self.fault = self._missing_commit()
            except (LakeError, OSError, ValueError) as error:
                self.fault = str(error)

    def folders(self) -> list[str]:
        """Return the folders of all pairs, in alphabetical order."""
        with self._lock:
            return sorted(self._pairs)

    def pair(self, folder: str) -> PairFiles:
        """Return a copy of one pair's files.

        Raises:
            NotThere: The lake has no such pair.
        """
        with self._lock:
            if (found := self._pairs.get(folder)) is None or not found.hours:
                raise NotThere(f"The lake has no trade of {folder.replace('_', '/')}.")
            landed = IdRanges(found.landed)
            return PairFiles(folder, dict(found.hours), landed, dict(found.retired))

    def pairs(self) -> list[PairFiles]:
        """Return a copy of all pairs' files."""
        return [self.pair(folder) for folder in self.folders() if self._pairs[folder].hours]

    def landings(self, after: int = 0) -> list[Landing]:
        """Return the stream's recent commits after one number, oldest first."""
        with self._lock:
            return [one for one in self._recent if one.number > after]

    def rates(self, now: datetime, seconds: float = 60.0) -> Counter[str]:
        """Count the trades that landed in the last seconds, per pair folder."""
        counts: Counter[str] = Counter()
        for landing in self.landings_since(now, seconds):
            counts.update(landing.rows)
        return counts

    def landings_since(self, now: datetime, seconds: float = 60.0) -> list[Landing]:
        """Return the commits of the last seconds that landed trades."""
        return [one for one in self.landings() if now - one.at <= timedelta(seconds=seconds)]

    def quarantined(self) -> int:
        """Count the records in quarantine."""
        with self._lock:
            return sum(file.rows for file in self._quarantined.values())

    def _load(self) -> None:
        snapshot = saved_snapshot(self.layout)
        for file in snapshot.files.values():
            self._pairs.setdefault(file.symbol, PairFiles(file.symbol)).add(file)
        for proof in snapshot.retired.values():
            # One that is damaged is for `kraken-lake verify` to report.
            with suppress(LakeError):
                for symbol, hour, ids in read_retired_ids(Path(readable(self.layout.base, proof))):
                    self._pairs.setdefault(symbol, PairFiles(symbol)).retire(hour, ids)
        self._quarantined = dict(snapshot.quarantined)
        self.number = snapshot.number
        for number in range(snapshot.number, max(0, snapshot.number - _LOOKED_BACK), -1):
            commit = self._log.read(number)
            if commit is None:
                break
            self.newest = self.newest or commit
            if commit.role is Role.STREAM:
                self.newest_of_stream = self.newest_of_stream or commit
            if self.newest.committed_at - commit.committed_at > _RECENT:
                break
            self._note(commit, newest=False)

    def _apply(self, commit: Commit) -> None:
        for added in commit.files:
            self._pairs.setdefault(added.symbol, PairFiles(added.symbol)).add(added)
        for gone in commit.removed_files:
            if gone.path not in {one.path for one in commit.files} and gone.symbol in self._pairs:
                self._pairs[gone.symbol].remove(gone)
                if commit.retired is not None:
                    self._pairs[gone.symbol].retire(hour_of_path(gone.path), gone.ids)
        for record in commit.removed_quarantine:
            self._quarantined.pop(record.path, None)
        self._quarantined |= {file.path: file for file in commit.quarantined}
        self.number, self.newest = commit.number, commit
        if commit.role is Role.STREAM:
            self.newest_of_stream = commit
        self._note(commit, newest=True)

    def _note(self, commit: Commit, *, newest: bool) -> None:
        """Remember a commit for a while, if it landed new trades."""
        if commit.removed_files or commit.reread:
            return
        rows: Counter[str] = Counter()
        for file in commit.files:
            rows[file.symbol] += file.rows
        landing = Landing(commit.number, commit.committed_at, dict(rows), commit.files)
        if newest:
            self._recent.append(landing)
        else:
            self._recent.appendleft(landing)
        while self._recent and commit.committed_at - self._recent[0].at > _RECENT:
            self._recent.popleft()

    def _missing_commit(self) -> str:
        """Say which commit is missing, if there are commits beyond it."""
        if time.monotonic() - self._looked_for_gap < _GAP_EVERY:
            return self.fault
        self._looked_for_gap = time.monotonic()
        absent = self.number + 1
        beyond = [n for n in range(absent + 1, absent + _GAP_LOOK) if self._log.reaches(n)]
        if not beyond or self._log.reaches(absent):
            return ""
        return (
            f"Commit {absent} is missing in {self.layout.commits}, but {beyond[0]} is there. "
            "Restore it from a copy: the log is read in order."
        )


def readable(base: LakePath, file: CommittedFile) -> str:
    """Return where a file can be read: under staging until its commit has been published."""
    published = base / file.path
    return str(published if published.exists() else base / file.staged)
