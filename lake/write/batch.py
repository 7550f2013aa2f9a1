"""A batch on its way into the lake: what is staged, and what its commit will say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lake.errors import StagingIncomplete
from lake.layout import LakeLayout, symbol_of_path
from lake.log.checkpoint import LogCheckpoint
from lake.log.commit import (
    Commit,
    CommitRange,
    DataFile,
    LeftOut,
    OffsetRange,
    QuarantineFile,
    Role,
    Source,
)
from lake.write.deduplication import Deduplicated
from lake.write.staged_files import StagedFile, staged_files

__all__ = ["Author", "Batch", "StagedBatch", "describe", "read_staged"]


@dataclass(frozen=True)
class Author:
    """Who commits to which lake.

    Attributes:
        layout: the lake.
        role: the one that the process has.
        run_id: tells this run of the program from all others.
    """

    layout: LakeLayout
    role: Role
    run_id: str


@dataclass(frozen=True)
class Batch:
    """A batch as its maker hands it over.

    Attributes:
        folder: its own folder under staging.
        expected_trades: rows that must be found staged as trades.
        expected_quarantined: rows that must be found staged for quarantine.
        source: the topic that `offsets` count in; None where the batch is not from Kafka.
        offsets: what it covers, for every partition of the topic.
        trade_files: which of the files there are its trades, and the partition folders that they
            go into; others may lie beside them, since a task that failed and was run again leaves
            some. None: all are, and lie in folders named so.
        replaced_files: data files whose trades this batch takes over, all of them.
        replaced_quarantine: quarantine files whose records this batch takes over.
        left_out: fields that its records had and its files do not, by writer.
        reread: the commits that it was read from Kafka again for.
    """

    folder: Path
    expected_trades: int
    expected_quarantined: int
    source: Source | None = None
    offsets: Mapping[int, OffsetRange] | None = None
    trade_files: Mapping[Path, str] | None = None
    replaced_files: tuple[DataFile, ...] = ()
    replaced_quarantine: tuple[QuarantineFile, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    reread: CommitRange | None = None

    @property
    def trades(self) -> Path:
        """Where its trades are staged: side by side, so that one flush makes all names durable."""
        return self.folder / "trades"

    @property
    def quarantine(self) -> Path:
        """Where its undecodable records are staged."""
        return self.folder / "quarantine"


@dataclass(frozen=True)
class StagedBatch:
    """The files found staged, complete."""

    trades: list[StagedFile]
    undecodable: list[StagedFile]


def read_staged(batch: Batch) -> StagedBatch:
    """Read a batch's files back.

    Raises:
        StagingIncomplete: files that were written are not here, or do not hold the rows that were
            counted meanwhile.
    """
    _refuse_unseen(batch.trade_files or {})
    trades = staged_files(batch.trades, batch.trade_files)
    undecodable = staged_files(batch.quarantine)
    _refuse_miscount(batch.trades, trades, batch.expected_trades)
    _refuse_miscount(batch.quarantine, undecodable, batch.expected_quarantined)
    return StagedBatch(trades, undecodable)


def describe(
    batch: Batch,
    admitted: list[Deduplicated],
    undecodable: list[StagedFile],
    *,
    state: LogCheckpoint,
    author: Author,
) -> Commit:
    """The commit that follows `state` and lands the batch.

    Raises:
        ValueError: the batch names no source, and none has landed before it.
    """
    source = batch.source or state.source
    if source is None:
        raise ValueError("the first commit of a lake must come from Kafka")
    layout = author.layout
    number = state.number + 1
    offsets = batch.offsets
    if offsets is None:
        offsets = {at: OffsetRange(start=end, end=end) for at, end in state.position.items()}
    return Commit(
        number=number,
        committed_at=datetime.now(UTC),
        role=author.role,
        run_id=author.run_id,
        source=source,
        offsets=offsets,
        files=tuple(
            _data_file(layout, number, at, file)
            for at, file in enumerate(file for file in admitted if file.ids)
        ),
        quarantined=tuple(
            QuarantineFile(
                path=layout.relative(layout.quarantine / _name(number, at)),
                staged=layout.relative(file.path),
                rows=file.rows,
                bytes=file.bytes,
                checksum=file.checksum,
            )
            for at, file in enumerate(undecodable)
        ),
        removed_files=batch.replaced_files,
        removed_quarantine=batch.replaced_quarantine,
        duplicates_dropped=sum(file.dropped for file in admitted),
        left_out=batch.left_out,
        reread=batch.reread,
    )


def _data_file(layout: LakeLayout, number: int, at: int, admitted: Deduplicated) -> DataFile:
    file = admitted.file
    return DataFile(
        path=layout.relative(layout.trades / file.folder / _name(number, at)),
        staged=layout.relative(file.path),
        rows=file.rows,
        bytes=file.bytes,
        checksum=file.checksum,
        symbol=symbol_of_path(file.folder),
        ids=admitted.ids,
    )


def _name(commit_number: int, at: int) -> str:
    """A file's name in the lake: no two commits, and no two files of one, share it."""
    return f"part-{commit_number:010d}-{at:05d}.parquet"


def _refuse_unseen(listed: Iterable[Path]) -> None:
    unseen = sorted(path for path in listed if not path.exists())
    if unseen:
        raise StagingIncomplete(
            f"{unseen[0]} was written by one of Spark's tasks and is not here; nothing was "
            "committed. BASE_OUTPUT_PATH must be the same storage for the driver and for every "
            "executor."
        )


def _refuse_miscount(folder: Path, files: list[StagedFile], expected: int) -> None:
    staged = sum(file.rows for file in files)
    if staged != expected:
        raise StagingIncomplete(
            f"{folder} holds {staged} rows where {expected} were counted; nothing was committed. "
            "Start again: the batch is read anew."
        )
