"""One commit: the files that it publishes and the Kafka offsets that they came from."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from lake.id_ranges import Run

__all__ = [
    "Commit",
    "CommitRange",
    "CommittedFile",
    "DataFile",
    "LeftOut",
    "OffsetRange",
    "QuarantineFile",
    "RetirementProof",
    "Role",
    "Source",
]


class Role(StrEnum):
    """Who commits. One process at a time has each role; both roles may work at the same time."""

    STREAM = "stream"
    """Lands what Kafka holds. Only this role moves the position."""
    MAINTENANCE = "maintenance"
    """Rearranges what has landed, and lands what was in quarantine."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Source(_Record):
    """The identity of the Kafka topic that offsets belong to.

    A topic that was deleted and created again, or one in another cluster, numbers its offsets from
    0 again. The ids distinguish it from the topic that the lake was filled from.
    """

    cluster_id: str
    topic: str
    topic_id: str


class OffsetRange(_Record):
    """Offsets of one partition: `start` is included, `end` is not, as Kafka counts."""

    start: int
    end: int


class CommitRange(_Record):
    """Commits by number, both included."""

    first: int
    last: int


class LeftOut(_Record):
    """Fields that one writer's records had and that a commit's files have no column for."""

    schema_id: int
    """The registry's id of the writer schema."""
    fields: tuple[str, ...]
    """Dotted paths for nested records; `side=BOTH` for an enum's symbol."""


class _PublishedFile(_Record):
    path: str
    """Where it is published, relative to BASE_OUTPUT_PATH."""
    staged: str
    """Where it was staged, relative to BASE_OUTPUT_PATH."""
    rows: int
    bytes: int
    checksum: str = ""
    """The checksum of its content, by `lake.storage.checksum`; empty if none was recorded."""

    @property
    def folder(self) -> str:
        """The folder that it is published in, relative to BASE_OUTPUT_PATH."""
        return self.path.rpartition("/")[0]


class DataFile(_PublishedFile):
    """A Parquet file of trades, all of one symbol and hour."""

    symbol: str
    """As in its folder: BTC_USD."""
    ids: tuple[Run, ...]
    """The trade ids in it."""
    first_at: int | None = None
    """The earliest `executed_at`, microseconds since 1970; None if it was not recorded."""
    last_at: int | None = None
    """The latest."""
    volume: Decimal | None = None
    """The sum of the trades' volumes; None if it was not recorded."""


class QuarantineFile(_PublishedFile):
    """A Parquet file of records that could not become trades."""


class RetirementProof(_PublishedFile):
    """A Parquet file that states what a commit retired: a row for each pair and hour."""

    commit: int
    """The commit that retired it."""
    retired_at: datetime
    """When it was retired, UTC."""
    trades: int
    """How many trades were retired."""


CommittedFile = DataFile | QuarantineFile | RetirementProof
"""A file that a commit publishes."""


class Commit(_Record):
    """One entry of the commit log, complete in itself.

    Attributes:
        number: its place in the log, counted from 1 without a gap.
        committed_at: when it was written, UTC.
        role: the role of the process that wrote it.
        run_id: the run of the program that wrote it.
        source: the topic that `offsets` belong to.
        offsets: what this commit covers, per partition of that topic. Every partition is listed,
            also those with nothing new, so that the newest commit alone gives the position.
        files: the trades it publishes.
        quarantined: the undecodable records it publishes.
        removed_files: data files that are no longer part of the lake.
        removed_quarantine: quarantine files that are no longer part of it.
        duplicates_dropped: rows left out because the lake already held their trade.
        left_out: fields that records had and the reader schema did not, by writer.
        reread: the commits whose offsets were read from Kafka again; this commit replaces their
            files.
        retired: what proves the trades of `removed_files`, if this commit retires them: they have
            landed and are no longer in the lake. None if it replaces these files or has none.
        retired_dropped: those of `duplicates_dropped` whose trade is retired.
    """

    number: int
    committed_at: datetime
    role: Role
    run_id: str
    source: Source
    offsets: Mapping[int, OffsetRange]
    files: tuple[DataFile, ...] = ()
    quarantined: tuple[QuarantineFile, ...] = ()
    removed_files: tuple[DataFile, ...] = ()
    removed_quarantine: tuple[QuarantineFile, ...] = ()
    duplicates_dropped: int = 0
    left_out: tuple[LeftOut, ...] = ()
    reread: CommitRange | None = None
    retired: RetirementProof | None = None
    retired_dropped: int = 0

    @property
    def rows(self) -> int:
        """Trades published by this commit."""
        return sum(file.rows for file in self.files)

    @property
    def quarantined_rows(self) -> int:
        """Records put into quarantine by this commit."""
        return sum(file.rows for file in self.quarantined)

    @property
    def published(self) -> tuple[CommittedFile, ...]:
        """All files that are moved from staging into place."""
        proof = () if self.retired is None else (self.retired,)
        return (*self.files, *self.quarantined, *proof)

    @property
    def removed(self) -> tuple[DataFile | QuarantineFile, ...]:
        """All files that leave the lake."""
        return self.removed_files + self.removed_quarantine
