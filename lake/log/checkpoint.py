"""The checkpoint of the commit log: the position in Kafka and the trades landed so far."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from pydantic import BaseModel

from lake.id_ranges import IdRanges, Run
from lake.log.commit import Commit, DataFile, Source

__all__ = ["CheckpointRecord", "LogCheckpoint"]


class CheckpointRecord(BaseModel):
    """A `LogCheckpoint` as it is written to disk."""

    number: int
    source: Source | None
    position: dict[int, int]
    landed: dict[str, list[Run]]
    rows: int
    quarantined_rows: int
    retired: dict[str, list[Run]] = {}


@dataclass
class LogCheckpoint:
    """The state that all commits up to one result in.

    Its size depends on the number of partitions, symbols and gaps, not on the number of commits.

    Attributes:
        number: the newest commit applied; 0 for an empty lake.
        source: the topic that `position` belongs to.
        position: next offset to read, per partition.
        landed: trade ids that have landed, per symbol folder; retired ones are among them, so that
            they do not land again.
        rows: trades in the lake.
        quarantined_rows: records in quarantine.
        retired: those of `landed` that were retired and are no longer in the lake.
    """

    number: int = 0
    source: Source | None = None
    position: dict[int, int] = field(default_factory=dict)
    landed: dict[str, IdRanges] = field(default_factory=dict)
    rows: int = 0
    quarantined_rows: int = 0
    retired: dict[str, IdRanges] = field(default_factory=dict)

    @property
    def landed_rows(self) -> int:
        """Trades that have landed: those in the lake and those that were retired."""
        return self.rows + sum(len(ids) for ids in self.retired.values())

    def apply(self, commit: Commit) -> None:
        """Apply the next commit."""
        self.number = commit.number
        self.source = commit.source
        self.position = {partition: covered.end for partition, covered in commit.offsets.items()}
        self.rows += commit.rows - sum(file.rows for file in commit.removed_files)
        self.quarantined_rows += commit.quarantined_rows
        self.quarantined_rows -= sum(file.rows for file in commit.removed_quarantine)
        _add_ids(self.landed, commit.files)
        if commit.retired is not None:
            _add_ids(self.retired, commit.removed_files)

    def apply_all(self, commits: Iterable[Commit]) -> Self:
        """Apply several commits, in their order."""
        for commit in commits:
            self.apply(commit)
        return self

    def to_record(self) -> CheckpointRecord:
        """Convert the state to the form that is written to disk."""
        return CheckpointRecord(
            number=self.number,
            source=self.source,
            position=self.position,
            landed=_as_runs(self.landed),
            rows=self.rows,
            quarantined_rows=self.quarantined_rows,
            retired=_as_runs(self.retired),
        )

    @classmethod
    def from_record(cls, record: CheckpointRecord) -> Self:
        """Restore the state from the form that was written to disk."""
        return cls(
            number=record.number,
            source=record.source,
            position=dict(record.position),
            landed=_as_ids(record.landed),
            rows=record.rows,
            quarantined_rows=record.quarantined_rows,
            retired=_as_ids(record.retired),
        )


def _add_ids(ids: dict[str, IdRanges], files: Iterable[DataFile]) -> None:
    for file in files:
        runs = ids.setdefault(file.symbol, IdRanges())
        for first, last in file.ids:
            runs.add(first, last)


def _as_runs(ids: Mapping[str, IdRanges]) -> dict[str, list[Run]]:
    return {symbol: list(runs) for symbol, runs in ids.items()}


def _as_ids(runs: Mapping[str, list[Run]]) -> dict[str, IdRanges]:
    return {symbol: IdRanges(some) for symbol, some in runs.items()}
