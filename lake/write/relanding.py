"""Reads a range of commits from Kafka again, so that its files get all their columns.

Each trade of the range stays in the lake once. A row that is read again replaces the row that
landed, by trade id; a row that Kafka no longer has stays as it is. All this is one commit, which
removes the former files and holds exactly their trades (`check_replacement` in
`lake.write.deduplication` checks that).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lake.errors import LakeMissing
from lake.id_ranges import IdRanges
from lake.layout import LakeLayout
from lake.log.commit import Commit, CommitRange, DataFile, OffsetRange, Role, Source
from lake.log.commit_log import CommitLog
from lake.log.folded_commits import commits_in
from lake.log.snapshot import read_snapshot
from lake.settings import Compression
from lake.storage.object_path import LakePath, on_disk
from lake.storage.operations import parquet_source
from lake.write.compaction import read_committed, together
from lake.write.staged_files import StagedFile, stage_trades

__all__ = ["Relanding", "Replacement", "plan_relanding"]


@dataclass(frozen=True)
class Relanding:
    """What a range of commits covers.

    Attributes:
        commits: the range.
        source: the topic that its offsets belong to.
        offsets: what to read again, per partition.
        ids: the trades that it landed and that are in the lake, per symbol folder.
        files: the files that hold them now; they may hold other trades too.
        retired: how many other trades it landed, which were retired since. They stay so.
    """

    commits: CommitRange
    source: Source
    offsets: Mapping[int, OffsetRange]
    ids: Mapping[str, IdRanges]
    files: tuple[DataFile, ...]
    retired: int = 0


def plan_relanding(layout: LakeLayout, commits: CommitRange) -> Relanding:
    """Find what a range covers.

    Raises:
        LakeMissing: The range has no commit of the stream, commits from two topics, or some that
            are folded.
        LakeDamaged: A commit is unreadable.
        StoreUnsupported: The lake is in an object store, where files of closed hours stay.
    """
    on_disk(layout.base, "Reading commits again from Kafka")
    log = CommitLog(layout.commits)
    # Compaction lands nothing. Records replayed from quarantine came from the stream's offsets.
    landed = [commit for commit in commits_in(log, commits) if not commit.removed_files]
    streamed = [commit for commit in landed if commit.role is Role.STREAM]
    sources = {commit.source for commit in streamed}
    if len(sources) != 1:
        raise LakeMissing(
            f"commits {commits.first} to {commits.last} were landed from {len(sources)} topics; "
            "name commits of the stream that lie within one. `kraken-lake verify` names those "
            "that left something out."
        )
    ids, retired = _ids(landed), log.state().retired
    gone = sum(len(one.within(retired.get(symbol, IdRanges()))) for symbol, one in ids.items())
    ids = {symbol: one.without(retired.get(symbol, IdRanges())) for symbol, one in ids.items()}
    held = read_snapshot(layout).files.values()
    files = tuple(file for file in held if _overlaps(file, ids))
    return Relanding(commits, sources.pop(), _offsets(streamed), ids, files, gone)


@dataclass(frozen=True)
class Replacement:
    """Writes the files that replace those of a range.

    Attributes:
        base: BASE_OUTPUT_PATH.
        relanding: the range.
        read_again: files with the trades read from Kafka again.
        target: the folder that all new files are written to.
        compression: the codec of the new files.
        written: the new files.
    """

    base: LakePath
    relanding: Relanding
    read_again: Sequence[StagedFile]
    target: LakePath
    compression: Compression
    written: list[StagedFile] = field(default_factory=list)

    def write(self) -> int:
        """Write them. Return how many trades of the range Kafka no longer had; they stay as is.

        Raises:
            LakeDamaged: A file is not what its commit says.
        """
        return sum(self._replace(symbol) for symbol in sorted(self.relanding.ids))

    def _replace(self, symbol: str) -> int:
        """Replace one pair in all folders: a trade may have landed in another hour's folder."""
        old: dict[str, list[pa.Table]] = {}
        for file in self.relanding.files:
            if file.symbol == symbol:
                folder = file.folder.partition("/")[2]
                old.setdefault(folder, []).append(read_committed(self.base, file))
        if not old:
            return 0
        landed = together([table for tables in old.values() for table in tables])
        wanted = self.relanding.ids[symbol]
        new = {
            folder: _only(table, wanted)
            for folder, table in _read_again(self.read_again, symbol).items()
        }
        chosen = _one_of_each(new, landed)
        taken = [one for table in chosen.values() for one in _whole_numbers(table, "trade_id")]
        staying = {folder: _without(together(tables), taken) for folder, tables in old.items()}
        for folder in sorted({*chosen, *staying}):
            self._write(folder, [part[folder] for part in (chosen, staying) if folder in part])
        return len(wanted) - len(taken)

    def _write(self, folder: str, parts: "list[pa.Table]") -> None:
        filled = [part for part in parts if part.num_rows]
        if filled:
            path = self.target / f"reread-{len(self.written):05d}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = together(filled).sort_by("trade_id")
            staged = stage_trades(rows, path, folder, self.compression, thorough=True)
            self.written.append(staged)


def _one_of_each(new: Mapping[str, "pa.Table"], landed: "pa.Table") -> dict[str, "pa.Table"]:
    """Choose one row for each trade that landed.

    Kafka may hold a trade twice, and the lake took one of them. The row with the same `ingested_at`
    as the landed one is chosen; if there is none, the first.
    """
    received = dict(
        zip(_whole_numbers(landed, "trade_id"), _whole_numbers(landed, "ingested_at"), strict=True)
    )
    best: dict[int, tuple[bool, str, int]] = {}
    for folder, table in new.items():
        rows = zip(
            _whole_numbers(table, "trade_id"), _whole_numbers(table, "ingested_at"), strict=True
        )
        for at, (trade_id, time) in enumerate(rows):
            fits = received.get(trade_id) == time
            if trade_id in received and (trade_id not in best or (fits and not best[trade_id][0])):
                best[trade_id] = (fits, folder, at)
    rows_of: dict[str, list[int]] = {}
    for _, folder, at in best.values():
        rows_of.setdefault(folder, []).append(at)
    return {folder: new[folder].take(pa.array(sorted(at))) for folder, at in rows_of.items()}


def _read_again(files: Iterable[StagedFile], symbol: str) -> dict[str, "pa.Table"]:
    """Read the rows of one pair, by partition folder."""
    tables: dict[str, list[pa.Table]] = {}
    for file in sorted(files, key=lambda file: file.path):
        if file.symbol == symbol:
            read = pq.read_table(parquet_source(file.path), partitioning=None)
            tables.setdefault(file.folder, []).append(read)
    return {folder: together(parts) for folder, parts in tables.items()}


def _only(table: "pa.Table", ids: IdRanges) -> "pa.Table":
    return table.filter(pa.array([one in ids for one in _whole_numbers(table, "trade_id")]))


def _without(table: "pa.Table", ids: list[int]) -> "pa.Table":
    known = pa.array(ids, pa.int64())
    return table.filter(pc.invert(pc.is_in(table.column("trade_id"), value_set=known)))


def _whole_numbers(table: "pa.Table", column: str) -> list[int]:
    numbers: list[Any] = table.column(column).cast(pa.int64()).to_pylist()
    return numbers


def _ids(commits: Iterable[Commit]) -> dict[str, IdRanges]:
    ids: dict[str, IdRanges] = {}
    for commit in commits:
        for file in commit.files:
            for run in file.ids:
                ids.setdefault(file.symbol, IdRanges()).add(*run)
    return ids


def _offsets(commits: Iterable[Commit]) -> dict[int, OffsetRange]:
    offsets: dict[int, OffsetRange] = {}
    for commit in commits:
        for partition, span in commit.offsets.items():
            before = offsets.get(partition, span)
            offsets[partition] = OffsetRange(
                start=min(before.start, span.start), end=max(before.end, span.end)
            )
    return offsets


def _overlaps(file: DataFile, ids: Mapping[str, IdRanges]) -> bool:
    known = ids.get(file.symbol)
    return known is not None and any(known.overlaps(*run) for run in file.ids)
