"""A batch on its way into the lake: what is staged, and the commit that lands it."""

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
        role: the role that the process holds.
        run_id: unique to this run of the program.
    """

    layout: LakeLayout
    role: Role
    run_id: str


@dataclass(frozen=True)
class Batch:
    """A batch that is ready to be committed.

    Attributes:
        folder: its own folder under staging.
        expected_trades: how many rows must be staged as trades.
        expected_quarantined: how many rows must be staged for quarantine.
        source: the topic that `offsets` belong to; None if the batch is not from Kafka.
        offsets: the range that it covers, for every partition of the topic.
        trade_files: the staged files that hold its trades, and the partition folder that each goes
            into. Other files may lie beside them: a task that failed and ran again leaves some.
            None means that every file counts and lies in a folder named like its partition.
        replaced_files: data files that this batch replaces; it holds all their trades.
        replaced_quarantine: quarantine files that this batch replaces.
        left_out: fields that its records had and its files do not, by writer.
        reread: the commits whose offsets were read from Kafka again for this batch.
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
        """Where its trades are staged: in one folder, so that one flush makes all names durable."""
        return self.folder / "trades"

    @property
    def quarantine(self) -> Path:
        """Where its undecodable records are staged."""
        return self.folder / "quarantine"


@dataclass(frozen=True)
class StagedBatch:
    """The staged files of a batch, found complete."""

    trades: list[StagedFile]
    undecodable: list[StagedFile]


def read_staged(batch: Batch) -> StagedBatch:
    """Read back what was staged of a batch.

    Raises:
        StagingIncomplete: A file is missing, or the files do not hold as many rows as were counted
            while they were written.
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
    """Build the commit that follows `state` and lands the batch.

    Raises:
        ValueError: The batch names no source, and nothing from Kafka has landed before it.
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
    """Return a file's name in the lake, unique across commits and within one."""
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
            "Start again: the batch will be read from Kafka again."
        )
