"""The lake's files by pair and hour, followed commit by commit, without listing a folder."""

import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from console.errors import NotThere
from console.lake_view.newer_commits import missing_commit, newer_commits
from console.lake_view.pair_files import PairFiles
from lake.errors import CommitsFolded, LakeDamaged, LakeError
from lake.id_ranges import IdRanges, Run
from lake.layout import LakeLayout, hour_of_path
from lake.log.commit import Commit, DataFile, QuarantineFile, Role
from lake.log.commit_log import CommitLog
from lake.log.folded_commits import newest_time
from lake.log.live_files import Snapshot, readable_path
from lake.log.retirement_file import read_retired_ids
from lake.log.snapshot import kept_snapshot
from lake.storage.parallel import in_parallel

__all__ = ["LakeIndex", "Landing"]

_RECENT: Final = timedelta(minutes=5)
"""How far back commits are remembered for rates."""
_LOOKED_BACK: Final = 2000
_CHECKED_EVERY: Final = 5.0
_CHECKED_EVERY_IN_STORE: Final = 30.0


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

    Whoever asks does not wait for a refresh, which may take long in an object store.

    Attributes:
        layout: the lake.
        number: the newest commit that was applied; 0 for an empty lake.
        newest: that commit; None if there is none.
        streamed_at: when the stream last committed, UTC; None if it never has.
        fault: why the log cannot be read further, as a sentence; empty if it can.
    """

    def __init__(self, layout: LakeLayout) -> None:
        self.layout = layout
        self._log = CommitLog(layout.commits)
        self._lock, self._refreshing = threading.Lock(), threading.Lock()
        self._every = _CHECKED_EVERY_IN_STORE if layout.is_on_store else _CHECKED_EVERY
        self._checked = -self._every
        self._clear()

    def _clear(self) -> None:
        self.number = 0
        self.newest: Commit | None = None
        self.streamed_at: datetime | None = None
        self.fault = self._gap = ""
        self._pairs: dict[str, PairFiles] = {}
        self._quarantined: dict[str, QuarantineFile] = {}
        self._recent: deque[Landing] = deque()

    @property
    def exists(self) -> bool:
        """Whether there is a lake in this place."""
        return bool(self.number) or self.layout.commits.exists()

    def refresh(self) -> None:
        """Read the commits since the last time; cheap if there are none."""
        with self._refreshing:
            try:
                self._refresh()
            except (LakeError, OSError, ValueError) as error:
                if isinstance(error, CommitsFolded):
                    # The next look begins with the snapshot, which includes them.
                    self._clear_in_use()
                self.fault = str(error)

    def _refresh(self) -> None:
        is_due = time.monotonic() - self._checked >= self._every
        # On a file system it costs a microsecond to look each time.
        looks = is_due or not self.layout.is_on_store
        if self.number and looks and not self._log.reaches(self.number):
            self._clear_in_use()  # Another lake is in this place now.
        if not self.number:
            self._load()
        # The log's own reading also notices that the next commits have been folded.
        read = self._log.commits if is_due else partial(newer_commits, self._log)
        for commit in read(self.number):
            with self._lock:
                self._apply(commit)
        if is_due:
            self._gap, self._checked = missing_commit(self._log, self.number), time.monotonic()
        self.fault = self._gap

    def _clear_in_use(self) -> None:
        with self._lock:
            self._clear()

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
            return _copied(found)

    def pairs(self) -> list[PairFiles]:
        """Return a copy of all pairs' files."""
        with self._lock:
            return [_copied(one) for _, one in sorted(self._pairs.items()) if one.hours]

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

    def quarantined(self) -> list[QuarantineFile]:
        """Return the files of the records in quarantine."""
        with self._lock:
            return list(self._quarantined.values())

    def _load(self) -> None:
        snapshot = kept_snapshot(self.layout)
        retired = list(self._retired(snapshot))
        recent = list(self._before(snapshot.number))
        streamed_at = self._streamed_at(recent, snapshot.number)
        with self._lock:
            for file in snapshot.files.values():
                self._pairs.setdefault(file.symbol, PairFiles(file.symbol)).add(file)
            for symbol, hour, ids in retired:
                self._pairs.setdefault(symbol, PairFiles(symbol)).retire(hour, ids)
            self._quarantined = dict(snapshot.quarantined)
            self.number, self.streamed_at = snapshot.number, streamed_at
            for commit in recent:
                self.newest = self.newest or commit
                if self.newest.committed_at - commit.committed_at <= _RECENT:
                    self._note(commit, newest=False)

    def _retired(self, snapshot: Snapshot) -> Iterator[tuple[str, datetime, tuple[Run, ...]]]:
        for proof in snapshot.retired.values():
            # One that is damaged is for `kraken-lake verify` to report.
            with suppress(LakeError):
                yield from read_retired_ids(readable_path(self.layout.base, proof))

    def _before(self, number: int) -> Iterator[Commit]:
        """Yield the commits of the last minutes up to one, newest first, and the one before."""
        numbers = range(number, max(0, number - _LOOKED_BACK), -1)
        read = in_parallel if self.layout.is_on_store else map
        newest: Commit | None = None
        for commit in read(self._log.read, numbers):
            if commit is None:
                return
            yield commit
            newest = newest or commit
            if newest.committed_at - commit.committed_at > _RECENT:
                return

    def _streamed_at(self, recent: Sequence[Commit], number: int) -> datetime | None:
        for commit in recent:
            if commit.role is Role.STREAM:
                return commit.committed_at
        # A damaged commit or manifest does not keep the pages from what is known without it.
        with suppress(LakeDamaged):
            return newest_time(self._log, Role.STREAM, number)
        return None

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
            self.streamed_at = commit.committed_at
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


def _copied(pair: PairFiles) -> PairFiles:
    return PairFiles(pair.folder, dict(pair.hours), IdRanges(pair.landed), dict(pair.retired))
