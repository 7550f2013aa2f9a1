"""Deduplication: a trade that has landed does not land again.

The source is read exactly once, but it may hold a trade twice: a topic that was deleted and created
again is filled again, and a backfill may cover a range that was recorded live. A trade's identity
is (exchange, symbol, trade_id). A lake holds one exchange and a folder holds one symbol, so ids are
compared per symbol folder.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lake.errors import StagingIncomplete
from lake.id_ranges import IdRanges, Run
from lake.layout import symbol_of_path
from lake.log.commit import DataFile
from lake.settings import Compression
from lake.write.parquet import write_sorted
from lake.write.staged_files import StagedFile, TradeIds, id_ranges, trade_ids

__all__ = ["Deduplicated", "check_replacement", "drop_duplicates"]


@dataclass(frozen=True)
class Deduplicated:
    """A staged file that holds only new trades.

    Attributes:
        file: the staged file, or a copy without the duplicates if it held any.
        ids: the trade ids in it.
        dropped: how many rows were left out.
    """

    file: StagedFile
    ids: tuple[Run, ...]
    dropped: int


def drop_duplicates(
    files: list[StagedFile], landed: Mapping[str, IdRanges], compression: Compression
) -> list[Deduplicated]:
    """Drop every row whose trade is in the lake already or came earlier in this batch.

    This reads one small column of each file. A file is copied only if it holds duplicates.
    """
    in_batch: dict[str, IdRanges] = {}
    admitted = []
    for file in files:
        symbol = symbol_of_path(file.folder)
        seen = in_batch.setdefault(symbol, IdRanges())
        taken = (landed.get(symbol, IdRanges()), seen)
        runs = id_ranges(ids := trade_ids(file.path))
        if runs is None or any(known.overlaps(*run) for known in taken for run in runs):
            fresh = _without_known(file, ids, taken, compression)
        else:
            fresh = Deduplicated(file, tuple(runs), dropped=0)
        for run in fresh.ids:
            seen.add(*run)
        admitted.append(fresh)
    return admitted


def check_replacement(files: list[StagedFile], replaced: Iterable[DataFile]) -> list[Deduplicated]:
    """Check that staged files hold exactly the trades of the files they replace, each once.

    Raises:
        StagingIncomplete: They hold other trades, or one of them twice.
    """
    leaving = [(file.symbol, run) for file in replaced for run in file.ids]
    readmitted, arriving = [], []
    for file in files:
        symbol, runs = symbol_of_path(file.folder), id_ranges(trade_ids(file.path))
        readmitted.append(Deduplicated(file, tuple(runs or ()), dropped=0))
        arriving += [(symbol, run) for run in runs or ()]
    if _ids(arriving) != _ids(leaving) or _count(arriving) != _count(leaving):
        raise StagingIncomplete(
            f"{[str(file.path) for file in files]} hold other trades than the files that they are "
            "meant to replace; nothing was committed. `python -m lake verify` names damaged files."
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
    file: StagedFile, ids: TradeIds, taken: tuple[IdRanges, ...], compression: Compression
) -> Deduplicated:
    """Copy a file without the rows that are known; keep the first row of each new trade.

    The file itself stays as it is, since the batch is deduplicated again if its commit number is
    taken.
    """
    kept: set[int] = set()
    mask = []
    listed: list[Any] = ids.to_pylist()
    for trade_id in listed:
        new = trade_id not in kept and not any(trade_id in known for known in taken)
        mask.append(new)
        if new:
            kept.add(trade_id)
    table = pq.read_table(file.path, partitioning=None).filter(pa.array(mask, pa.bool_()))
    table = table.sort_by("trade_id")
    path = file.path.with_suffix(".admitted")
    write_sorted(table, path, compression)
    copy = StagedFile.read(path, file.folder)
    runs = id_ranges(trade_ids(path))
    if runs is None:
        raise StagingIncomplete(
            f"{path} holds a trade id twice or out of order after deduplication; nothing was "
            "committed. Start again: the batch will be read from Kafka again."
        )
    return Deduplicated(copy, tuple(runs), dropped=len(mask) - copy.rows)
