"""A batch on its way into the lake: what is staged, and the commit that lands it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lake.layout import LakeLayout
from lake.log.checkpoint import LogCheckpoint
from lake.log.commit import (
    Commit,
    CommitRange,
    DataFile,
    LeftOut,
    OffsetRange,
    QuarantineFile,
    RetirementProof,
    Role,
    Source,
)
from lake.storage.object_path import LakePath
from lake.write.deduplication import Deduplicated
from lake.write.staged_files import StagedFile
from lake.write.store.keys import quarantine_folder

__all__ = ["Author", "Batch", "describe"]


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
        trade_files: the staged files that hold its trades. Other files may lie beside them: a task
            that failed and ran again leaves some. None means that every file counts and lies in a
            folder named like its partition; they are read back then.
        undecodable_files: the staged files that hold its undecodable records; None means that every
            Parquet file below `quarantine` counts. They are looked into then.
        replaced_files: data files that this batch replaces; it holds all their trades.
        replaced_quarantine: quarantine files that this batch replaces.
        left_out: fields that its records had and its files do not, by writer.
        reread: the commits whose offsets were read from Kafka again for this batch.
        retired_files: data files that this batch removes for good; it holds no trades then.
        proof: the staged file that states what they held.
    """

    folder: LakePath
    expected_trades: int
    expected_quarantined: int
    source: Source | None = None
    offsets: Mapping[int, OffsetRange] | None = None
    trade_files: Sequence[StagedFile] | None = None
    undecodable_files: Sequence[StagedFile] | None = None
    replaced_files: tuple[DataFile, ...] = ()
    replaced_quarantine: tuple[QuarantineFile, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    reread: CommitRange | None = None
    retired_files: tuple[DataFile, ...] = ()
    proof: StagedFile | None = None

    @property
    def trades(self) -> LakePath:
        """Where its trades are staged: in one folder, so that one flush makes all names durable.

        In an object store the stream's trades are not staged: `lake.write.store.keys.trade_file`.
        """
        return self.folder / "trades"

    @property
    def quarantine(self) -> LakePath:
        """Where its undecodable records are staged."""
        return quarantine_folder(self.folder)


def describe(
    batch: Batch,
    admitted: list[Deduplicated],
    undecodable: Sequence[StagedFile],
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
    trades = layout.relative(layout.trades)
    number = state.number + 1
    now = datetime.now(UTC)
    offsets = batch.offsets
    if offsets is None:
        offsets = {at: OffsetRange(start=end, end=end) for at, end in state.position.items()}
    return Commit(
        number=number,
        committed_at=now,
        role=author.role,
        run_id=author.run_id,
        source=source,
        offsets=offsets,
        files=tuple(
            _data_file(layout, f"{trades}/{file.file.folder}/{_name(number, at)}", file)
            for at, file in enumerate(file for file in admitted if file.ids)
        ),
        quarantined=tuple(
            QuarantineFile(
                path=_place(layout, file, layout.relative(layout.quarantine / _name(number, at))),
                staged=layout.relative(file.path),
                rows=file.rows,
                bytes=file.bytes,
                checksum=file.checksum,
            )
            for at, file in enumerate(undecodable)
        ),
        removed_files=(*batch.replaced_files, *batch.retired_files),
        removed_quarantine=batch.replaced_quarantine,
        duplicates_dropped=sum(file.dropped for file in admitted),
        left_out=batch.left_out,
        reread=batch.reread,
        retired=None if batch.proof is None else _proof(layout, number, now, batch, batch.proof),
        retired_dropped=sum(file.retired for file in admitted),
    )


def _data_file(layout: LakeLayout, path: str, admitted: Deduplicated) -> DataFile:
    file = admitted.file
    return DataFile(
        path=_place(layout, file, path),
        staged=layout.relative(file.path),
        rows=file.rows,
        bytes=file.bytes,
        checksum=file.checksum,
        symbol=file.symbol,
        ids=admitted.ids,
        first_at=file.first_at,
        last_at=file.last_at,
        volume=file.volume,
    )


def _proof(
    layout: LakeLayout, number: int, now: datetime, batch: Batch, staged: StagedFile
) -> RetirementProof:
    return RetirementProof(
        path=_place(layout, staged, layout.relative(layout.retired / _name(number, 0))),
        staged=layout.relative(staged.path),
        rows=staged.rows,
        bytes=staged.bytes,
        checksum=staged.checksum,
        commit=number,
        retired_at=now,
        trades=sum(file.rows for file in batch.retired_files),
    )


def _place(layout: LakeLayout, file: StagedFile, published: str) -> str:
    """Return where a file will be. What is not under staging was written where it stays."""
    if layout.is_on_store and not file.path.is_relative_to(layout.platform / "staging"):
        return layout.relative(file.path)
    return published


def _name(commit_number: int, at: int) -> str:
    """Return a file's name in the lake, unique across commits and within one."""
    return f"part-{commit_number:010d}-{at:05d}.parquet"
