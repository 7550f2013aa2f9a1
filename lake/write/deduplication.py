"""Deduplication: a trade that has landed does not land again.

The source is read exactly once, but it may hold a trade twice: a topic that was deleted and created
again is filled again, and a backfill may cover a range that was recorded live. A trade's identity
is (exchange, symbol, trade_id). A lake holds one exchange and a folder holds one symbol, so ids are
compared per symbol folder. Retired trades have landed, although no file holds them any more: one
that comes again is left out like any other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lake.errors import StagingIncomplete
from lake.id_ranges import IdRanges, Run
from lake.log.commit import DataFile
from lake.settings import Compression
from lake.storage.operations import parquet_source
from lake.write.staged_files import StagedFile, stage_trades
from lake.write.store.keys import deduplicated

__all__ = ["Deduplicated", "check_replacement", "drop_duplicates"]


@dataclass(frozen=True)
class Deduplicated:
    """A staged file that holds only new trades.

    Attributes:
        file: the staged file, or a copy without the duplicates if it held any; its ids are known.
        dropped: how many rows were left out.
        retired: how many of these are trades that were retired.
    """

    file: StagedFile
    dropped: int = 0
    retired: int = 0

    @property
    def ids(self) -> tuple[Run, ...]:
        """The trade ids in it."""
        return self.file.ids or ()


def drop_duplicates(
    files: Iterable[StagedFile],
    landed: Mapping[str, IdRanges],
    compression: Compression,
    retired: Mapping[str, IdRanges],
) -> list[Deduplicated]:
    """Drop every row whose trade has landed already or came earlier in this batch.

    Only a file that holds duplicates is read, and copied without them.

    Args:
        files: the staged files.
        landed: the ids that have landed, per symbol folder.
        compression: the codec of the copies.
        retired: those of `landed` that were retired; they are counted.
    """
    in_batch: dict[str, IdRanges] = {}
    admitted = []
    for file in files:
        seen = in_batch.setdefault(file.symbol, IdRanges())
        taken = (landed.get(file.symbol, IdRanges()), seen)
        if file.ids is None or any(known.overlaps(*run) for known in taken for run in file.ids):
            gone = retired.get(file.symbol, IdRanges())
            fresh = _without_known(file, taken, compression, gone)
        else:
            fresh = Deduplicated(file)
        for run in fresh.ids:
            seen.add(*run)
        admitted.append(fresh)
    return admitted


def check_replacement(
    files: Iterable[StagedFile], replaced: Iterable[DataFile]
) -> list[Deduplicated]:
    """Check that staged files hold exactly the trades of the files they replace, each once.

    Raises:
        StagingIncomplete: They hold other trades, or one of them twice.
    """
    leaving = [(file.symbol, run) for file in replaced for run in file.ids]
    readmitted = [Deduplicated(file) for file in files]
    arriving = [(one.file.symbol, run) for one in readmitted for run in one.ids]
    if _ids(arriving) != _ids(leaving) or _count(arriving) != _count(leaving):
        raise StagingIncomplete(
            f"{[str(one.file.path) for one in readmitted]} hold other trades than the files that "
            "they are meant to replace; nothing was committed. `kraken-lake verify` names damaged "
            "files."
        )
    return readmitted


def _ids(runs: Iterable[tuple[str, Run]]) -> dict[str, IdRanges]:
    ids: dict[str, IdRanges] = {}
    for symbol, run in runs:
        ids.setdefault(symbol, IdRanges()).add(*run)
    return ids


def _count(runs: Iterable[tuple[str, Run]]) -> int:
    """Count ids; one that comes twice counts twice."""
    return sum(last - first + 1 for _, (first, last) in runs)


def _without_known(
    file: StagedFile, taken: tuple[IdRanges, ...], compression: Compression, retired: IdRanges
) -> Deduplicated:
    """Copy a file without the rows that are known; keep the first row of each new trade.

    The file itself stays as it is, since the batch is deduplicated again if its commit number is
    taken.
    """
    table = pq.read_table(parquet_source(file.path), partitioning=None)
    kept: set[int] = set()
    mask = []
    ids: list[Any] = table.column("trade_id").to_pylist()
    for trade_id in ids:
        new = trade_id not in kept and not any(trade_id in known for known in taken)
        mask.append(new)
        if new:
            kept.add(trade_id)
    fresh = table.filter(pa.array(mask, pa.bool_())).sort_by("trade_id")
    copy = stage_trades(fresh, deduplicated(file.path), file.folder, compression)
    return Deduplicated(
        copy,
        dropped=table.num_rows - copy.rows,
        retired=sum(trade_id in retired for trade_id in ids),
    )
