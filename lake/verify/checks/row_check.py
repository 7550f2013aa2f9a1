"""Checks the rows of data files against what the commit log states of them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lake.id_ranges import IdRanges, Run
from lake.layout import LakeLayout, hour_of_path, symbol_of_path
from lake.log.commit import DataFile
from lake.log.snapshot import Snapshot
from lake.storage.object_path import LakePath
from lake.storage.operations import parquet_source
from lake.verify.checks.lake_files_check import LakeFilesCheck
from lake.verify.result import Problem, ProblemKind

__all__ = ["FileRows", "LakeRows", "check_rows", "read_rows", "row_problems"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = 3_600_000_000
_ROWS_OF_AN_HOUR: Final = ("trade_id", "executed_at")
_VOLUME: Final = "volume"

_Ids: TypeAlias = "pa.Array[Any]"


@dataclass(frozen=True, slots=True)
class FileRows:
    """A summary of one file's rows.

    Attributes:
        symbol: the symbol that its folder names.
        hour: the hour that its folder names.
        rows: how many.
        ids: their trade ids; an id that several rows have is in several ranges.
        misplaced: how many trades were executed in another hour.
        times: when the first and the last were executed, in microseconds since 1970; None if no
            row has a time.
        volume: the sum of their volumes; None if it was not computed.
    """

    symbol: str
    hour: datetime
    rows: int
    ids: tuple[Run, ...]
    misplaced: int = 0
    times: Run | None = None
    volume: Decimal | None = None

    @classmethod
    def as_committed(cls, file: DataFile) -> "FileRows":
        """Return the summary of a file that is known to be what was committed."""
        return cls(*_place(file.folder), file.rows, file.ids)


@dataclass(frozen=True)
class LakeRows:
    """The rows of a lake.

    Attributes:
        files: the summary of each file whose rows can be read, by its path relative to
            BASE_OUTPUT_PATH.
        problems: the problems of single files.
    """

    files: Mapping[str, FileRows]
    problems: Sequence[Problem]


def check_rows(layout: LakeLayout, snapshot: Snapshot, files: LakeFilesCheck) -> LakeRows:
    """Compare the rows of each file with its commit; take those of proved files as committed.

    Raises:
        FileNotFoundError: A file vanished meanwhile.
    """
    summaries: dict[str, FileRows] = {}
    problems: list[Problem] = []
    for path, check in files.checks.items():
        file = snapshot.files.get(path)
        if file is None or not check.has_trades:
            continue
        if check.is_known:
            summaries[path] = FileRows.as_committed(file)
            continue
        sums_volume = file.volume is not None and not check.problems
        try:
            rows = read_rows(layout.base / path, volume=sums_volume)
        except FileNotFoundError:
            raise
        except (OSError, pa.ArrowException) as error:
            problems.append(_unreadable(file, error))
        else:
            summaries[path] = rows
            problems += row_problems(file, rows)
    for stray in files.stray:
        with suppress(pa.ArrowException):  # Its columns have other types than those of trades.
            summaries[layout.relative(stray)] = read_rows(stray, volume=False)
    return LakeRows(summaries, problems)


def read_rows(path: LakePath, *, volume: bool) -> FileRows:
    """Read every row of one file, which is in its partition folder.

    Args:
        path: the file.
        volume: whether to sum the volumes too.

    Raises:
        FileNotFoundError: It vanished.
        OSError: The storage refuses to read it.
        pyarrow.ArrowException: Its trades cannot be read.
    """
    columns = [*_ROWS_OF_AN_HOUR, *([_VOLUME] if volume else [])]
    symbol, hour = _place(path.parent.as_posix())
    with pq.ParquetFile(parquet_source(path), pre_buffer=False) as file:
        rows = file.read(columns=columns, use_threads=False)
    ids = _column(rows, "trade_id").cast(pa.int64())
    times = _column(rows, "executed_at")
    zone = times.type.tz if pa.types.is_timestamp(times.type) else None
    micros = times.cast(pa.timestamp("us", zone), safe=False).cast(pa.int64())
    start = (hour - _EPOCH) // timedelta(microseconds=1)
    ends: Any = pc.min_max(micros).as_py()
    first, last = ends["min"], ends["max"]
    outside = first is not None and not start <= first <= last < start + _HOUR
    return FileRows(
        symbol=symbol,
        hour=hour,
        rows=rows.num_rows,
        ids=_runs(ids),
        misplaced=_outside(micros, start) if outside else 0,
        times=None if first is None else (first, last),
        volume=pc.sum(_column(rows, _VOLUME), min_count=0).as_py() if volume else None,
    )


def row_problems(file: DataFile, rows: FileRows) -> Iterator[Problem]:
    """Yield the problems of one committed file's rows."""
    ids = IdRanges(file.ids)
    if rows.rows != len(ids) or rows.ids != tuple(ids):
        advice = f"Not the ids {list(ids)} that were committed. Restore it from a copy of the lake."
        yield Problem(ProblemKind.WRONG_IDS, file.path, advice)
    elif wrong := [*_differences(file, rows)]:
        advice = (
            f"{', '.join(wrong)}. `report` shows what the commit log states: restore the commit "
            "from a copy, or land the trades again."
        )
        yield Problem(ProblemKind.OTHER_FIGURES, file.path, advice)
    if rows.misplaced:
        advice = (
            f"{rows.misplaced} trades were executed in another hour than the folder's: readers "
            "that select by folder miss them. Land them again."
        )
        yield Problem(ProblemKind.WRONG_FOLDER, file.path, advice)


def _unreadable(file: DataFile, error: Exception) -> Problem:
    why = (str(error).splitlines() or [type(error).__name__])[0]
    advice = f"Its trades cannot be read: {why}. Restore it from a copy of the lake."
    return Problem(ProblemKind.UNREADABLE, file.path, advice)


def _differences(file: DataFile, rows: FileRows) -> Iterator[str]:
    """Yield what the commit states otherwise than the rows.

    What it does not state, or what was not computed of the rows, is not compared.
    """
    first, last = rows.times or (None, None)
    volume = None if rows.volume is None else file.volume
    for what, stated, found in (
        ("number of trades", file.rows, rows.rows),
        ("first time", file.first_at, first),
        ("last time", file.last_at, last),
        ("volume", volume, rows.volume),
    ):
        if stated is not None and stated != found:
            yield f"The {what} is {found}, and {stated} in the commit log"


def _runs(ids: _Ids) -> tuple[Run, ...]:
    """Turn ids into ranges, in ascending order; an id that comes n times is in n of them."""
    runs: list[Run] = []
    left: _Ids = ids.drop_null()
    while len(left):
        steps = pc.subtract(left[1:], left[:-1])
        span: Any = pc.min_max(steps).as_py()
        if span["min"] == span["max"] == 1 or len(left) == 1:
            runs.append((left[0].as_py(), left[-1].as_py()))
            break
        if span["min"] < 0:
            left = left.take(pc.array_sort_indices(left))
            continue
        again = pc.equal(steps, pa.scalar(0))
        once = left.filter(pa.concat_arrays([pa.array([True]), pc.invert(again)]))
        left = left[1:].filter(again)
        runs += _adjacent(once)
    return tuple(sorted(runs))


def _adjacent(ids: _Ids) -> Iterator[Run]:
    """Yield the ranges of ids that rise from one to the next."""
    steps = pc.subtract(ids[1:], ids[:-1])
    breaks: list[Any] = pc.indices_nonzero(pc.not_equal(steps, pa.scalar(1))).to_pylist()
    starts = [0, *(at + 1 for at in breaks)]
    ends = [*breaks, len(ids) - 1]
    yield from zip(ids.take(starts).to_pylist(), ids.take(ends).to_pylist(), strict=True)


@lru_cache(maxsize=10_000)
def _place(folder: str) -> tuple[str, datetime]:
    """Return the symbol and the hour that a folder names."""
    return symbol_of_path(folder), hour_of_path(folder)


def _column(rows: "pa.Table", name: str) -> "pa.Array[Any]":
    return rows.column(name).combine_chunks()


def _outside(micros: "pa.Array[Any]", start: int) -> int:
    """Count the times that are not in the hour that starts then."""
    outside = pc.or_(
        pc.less(micros, pa.scalar(start)), pc.greater_equal(micros, pa.scalar(start + _HOUR))
    )
    return outside.to_pylist().count(True)
