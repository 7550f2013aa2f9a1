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

from lake.commit import DataFile
from lake.errors import StagingIncomplete
from lake.intervals import IdRuns, Run
from lake.layout import symbol_of_path
from lake.parquet import write_sorted
from lake.settings import Compression
from lake.staging import StagedFile, TradeIds, id_runs, trade_ids

__all__ = ["Admitted", "admit", "readmit"]


@dataclass(frozen=True)
class Admitted:
    """A staged file that holds new trades only.

    Attributes:
        file: the file, or a copy without the others where it held any.
        ids: the trades in it.
        dropped: rows that were left out.
    """

    file: StagedFile
    ids: tuple[Run, ...]
    dropped: int


def admit(
    files: list[StagedFile], landed: Mapping[str, IdRuns], compression: Compression
) -> list[Admitted]:
    """Leave out every row whose trade is in the lake already or came earlier in this batch.

    Costs one read of one small column; a file is copied only where it must be.
    """
    in_batch: dict[str, IdRuns] = {}
    admitted = []
    for file in files:
        symbol = symbol_of_path(file.folder)
        seen = in_batch.setdefault(symbol, IdRuns())
        taken = (landed.get(symbol, IdRuns()), seen)
        runs = id_runs(ids := trade_ids(file.path))
        if runs is None or any(known.overlaps(*run) for known in taken for run in runs):
            fresh = _without_known(file, ids, taken, compression)
        else:
            fresh = Admitted(file, tuple(runs), dropped=0)
        for run in fresh.ids:
            seen.add(*run)
        admitted.append(fresh)
    return admitted


def readmit(files: list[StagedFile], replaced: Iterable[DataFile]) -> list[Admitted]:
    """Let in what takes the place of files in the lake: exactly their trades, each once.

    Raises:
        StagingIncomplete: it holds other trades, or one of them twice.
    """
    leaving = [(file.symbol, run) for file in replaced for run in file.ids]
    readmitted, arriving = [], []
    for file in files:
        symbol, runs = symbol_of_path(file.folder), id_runs(trade_ids(file.path))
        readmitted.append(Admitted(file, tuple(runs or ()), dropped=0))
        arriving += [(symbol, run) for run in runs or ()]
    if _ids(arriving) != _ids(leaving) or _count(arriving) != _count(leaving):
        raise StagingIncomplete(
            f"{[str(file.path) for file in files]} hold other trades than the files that they are "
            "to replace; nothing was committed. `python -m lake verify` names damaged files."
        )
    return readmitted


def _ids(runs: Iterable[tuple[str, Run]]) -> dict[str, IdRuns]:
    ids: dict[str, IdRuns] = {}
    for symbol, run in runs:
        ids.setdefault(symbol, IdRuns()).add(*run)
    return ids


def _count(runs: Iterable[tuple[str, Run]]) -> int:
    """How many ids, with those that come twice counted twice."""
    return sum(last - first + 1 for _, (first, last) in runs)


def _without_known(
    file: StagedFile, ids: TradeIds, taken: tuple[IdRuns, ...], compression: Compression
) -> Admitted:
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
    runs = id_runs(trade_ids(path))
    if runs is None:
        raise StagingIncomplete(f"{path} holds trade ids that cannot be put in order")
    return Admitted(copy, tuple(runs), dropped=len(mask) - copy.rows)
