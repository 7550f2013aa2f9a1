"""The lake's door: no trade that has landed comes in again.

The source is read exactly once, but it may hold a trade twice: a topic made anew is filled again,
a backfill runs over a range that live polling had. The identity of a trade is (exchange, symbol,
trade_id); the exchange is the lake, the symbol is the folder, so ids per symbol folder decide.
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
    """A staged file that holds new trades only.

    Attributes:
        file: the file, or a copy without the others where it held any.
        ids: the trades in it.
        dropped: rows that were left out.
    """

    file: StagedFile
    ids: tuple[Run, ...]
    dropped: int


def drop_duplicates(
    files: list[StagedFile], landed: Mapping[str, IdRanges], compression: Compression
) -> list[Deduplicated]:
    """Leave out every row whose trade is in the lake already or came earlier in this batch.

    Costs one read of one small column; a file is copied only where it must be.
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
    """Let in what takes the place of files in the lake: exactly their trades, each once.

    Raises:
        StagingIncomplete: it holds other trades, or one of them twice.
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
            "to replace; nothing was committed. `python -m lake verify` names damaged files."
        )
    return readmitted


def _ids(runs: Iterable[tuple[str, Run]]) -> dict[str, IdRanges]:
    ids: dict[str, IdRanges] = {}
    for symbol, run in runs:
        ids.setdefault(symbol, IdRanges()).add(*run)
    return ids


def _count(runs: Iterable[tuple[str, Run]]) -> int:
    """How many ids, with those that come twice counted twice."""
    return sum(last - first + 1 for _, (first, last) in runs)


def _without_known(
    file: StagedFile, ids: TradeIds, taken: tuple[IdRanges, ...], compression: Compression
) -> Deduplicated:
    """A copy of a file without the rows that are known, with the first of each new trade.

    The file itself stays as it is: the batch may be looked at again.
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
        raise StagingIncomplete(f"{path} holds trade ids that cannot be put in order")
    return Deduplicated(copy, tuple(runs), dropped=len(mask) - copy.rows)
