"""Publishing: a batch goes from staging into the lake once, whatever is killed when.

    stage    Spark writes Parquet files under staging/RUN/BATCH
    commit   commits/N.json is created, only if N is free: from here on the batch has landed
    publish  the files are renamed into place
    tidy     the batch's staging folder is dropped

Killed before the commit, the batch never happened and its offsets are read again. Killed after
it, the next start finishes the renames: publishing rolls forward, never back.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from lake.commit import Commit, DataFile, OffsetRange, QuarantineFile, Source
from lake.commit_log import STATE_EVERY, CommitLog
from lake.door import Admitted, admit
from lake.errors import LakeDamaged, LakeUnwritable, StagingIncomplete
from lake.layout import LakeLayout, symbol_of_path
from lake.lock import writer_lock
from lake.settings import Compression
from lake.staging import StagedFile, staged_files
from lake.state import LakeState
from lake.storage import flush_folders, move

__all__ = ["Batch", "LakeWriter"]


@dataclass(frozen=True)
class Batch:
    """A batch on its way into the lake.

    Attributes:
        folder: its own folder under staging.
        source: the topic that its offsets count in.
        offsets: what it covers, for every partition of the topic.
        expected_trades: rows that must be found staged as trades.
        expected_quarantined: rows that must be found staged for quarantine.
    """

    folder: Path
    source: Source
    offsets: Mapping[int, OffsetRange]
    expected_trades: int
    expected_quarantined: int

    @property
    def trades(self) -> Path:
        """Where its trades are staged, in partition folders."""
        return self.folder / "trades"

    @property
    def quarantine(self) -> Path:
        """Where its undecodable records are staged."""
        return self.folder / "quarantine"


class LakeWriter:
    """The one writer of a lake; made by `LakeWriter.open`.

    Attributes:
        state: what has landed so far.
    """

    def __init__(self, layout: LakeLayout, run_id: str, compression: Compression) -> None:
        self._layout = layout
        self._log = CommitLog(layout.commits)
        self._run_id = run_id
        self._compression = compression
        self.state = LakeState()

    @classmethod
    @contextmanager
    def open(
        cls, layout: LakeLayout, *, run_id: str, compression: Compression = "zstd"
    ) -> Iterator[Self]:
        """Take the lake, finish what a predecessor left unfinished, and give it back at the end.

        Raises:
            LakeBusy: another process writes this lake.
            LakeDamaged: the commit log or a committed file is missing or unreadable.
            LakeUnwritable: the storage refuses.
        """
        writer = cls(layout, run_id, compression)
        with _storage_errors(layout.platform), writer_lock(layout.lock_file):
            writer._recover()
            yield writer

    def staging_folder(self, batch_number: int) -> Path:
        """An empty place for a batch of this run; what lay there before is dropped."""
        folder = self._layout.staging / self._run_id / str(batch_number)
        shutil.rmtree(folder, ignore_errors=True)
        return folder

    def commit(self, batch: Batch) -> Commit:
        """Land a staged batch: after this returns, readers see it.

        Raises:
            StagingIncomplete: the staged files do not hold the rows that were counted.
            WriterFenced: another writer took the number; nothing of this batch is visible.
            LakeUnwritable: the storage refused.
        """
        with _storage_errors(self._layout.platform):
            trades = staged_files(batch.trades)
            undecodable = staged_files(batch.quarantine)
            _refuse_miscount(batch.trades, trades, batch.expected_trades)
            _refuse_miscount(batch.quarantine, undecodable, batch.expected_quarantined)
            admitted = admit(trades, self.state.landed, self._compression)
            commit = self._describe(batch, admitted, undecodable)
            self._log.append(commit)
            self._publish(commit)
            shutil.rmtree(batch.folder, ignore_errors=True)
            self.state.apply(commit)
            if commit.number % STATE_EVERY == 0:
                self._log.save_state(self.state)
        return commit

    def _describe(
        self, batch: Batch, admitted: list[Admitted], undecodable: list[StagedFile]
    ) -> Commit:
        number = self.state.number + 1
        return Commit(
            number=number,
            committed_at=datetime.now(UTC),
            run_id=self._run_id,
            source=batch.source,
            offsets=batch.offsets,
            files=tuple(
                self._data_file(number, at, file)
                for at, file in enumerate(file for file in admitted if file.ids)
            ),
            quarantined=tuple(
                QuarantineFile(
                    path=self._layout.relative(self._layout.quarantine / _name(number, at)),
                    staged=self._layout.relative(file.path),
                    rows=file.rows,
                    bytes=file.bytes,
                )
                for at, file in enumerate(undecodable)
            ),
            duplicates_dropped=sum(file.dropped for file in admitted),
        )

    def _data_file(self, number: int, at: int, admitted: Admitted) -> DataFile:
        file = admitted.file
        return DataFile(
            path=self._layout.relative(self._layout.trades / file.folder / _name(number, at)),
            staged=self._layout.relative(file.path),
            rows=file.rows,
            bytes=file.bytes,
            symbol=symbol_of_path(file.folder),
            ids=admitted.ids,
        )

    def _publish(self, commit: Commit) -> None:
        targets = []
        for file in commit.published:
            target = self._layout.base / file.path
            move(self._layout.base / file.staged, target)
            targets.append(target.parent)
        flush_folders(targets)

    def _recover(self) -> None:
        """Finish the newest commit's renames, then drop all staging of earlier runs."""
        self.state = self._log.state()
        newest = self._log.read(self.state.number) if self.state.number else None
        if newest is not None:
            try:
                self._publish(newest)
            except FileNotFoundError as error:
                raise LakeDamaged(
                    f"commit {newest.number} names {error.filename2 or error.filename}, which is "
                    "neither in place nor under staging. Restore it from a copy of the lake."
                ) from error
        for leftover in (self._layout.staging, self._layout.checkpoints):
            shutil.rmtree(leftover, ignore_errors=True)


def _refuse_miscount(folder: Path, files: list[StagedFile], expected: int) -> None:
    staged = sum(file.rows for file in files)
    if staged != expected:
        raise StagingIncomplete(
            f"{folder} holds {staged} rows where {expected} were counted; nothing was committed. "
            "Start again: the batch is read anew."
        )


def _name(commit_number: int, at: int) -> str:
    """A file's name in the lake: no two commits, and no two files of one, share it."""
    return f"part-{commit_number:010d}-{at:05d}.parquet"


@contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise LakeDamaged(
            f"{error.filename} vanished while it was in use; the lake's folders under _platform "
            "belong to its one writer. Start again: the batch is read anew."
        ) from error
    except OSError as error:
        raise LakeUnwritable(
            f"{error.filename or folder}: {error.strerror or error}. Nothing was lost: free space "
            "or fix the permissions, then start again."
        ) from error
