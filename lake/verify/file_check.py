"""The files on disk against those that the commit log names."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lake.layout import LakeLayout
from lake.log.commit import DataFile, QuarantineFile
from lake.storage.checksum import checksum
from lake.verify.result import Problem, ProblemKind

__all__ = ["TRADE_COLUMNS", "FileCheck", "check_file", "is_readable", "listed"]

TRADE_COLUMNS = ("trade_id", "executed_at")
"""The columns that tell a trade and its place."""

_RESTORE = "Restore it from a copy of the lake."


@dataclass(frozen=True)
class FileCheck:
    """What is wrong with one committed file.

    Attributes:
        problems: all of it.
        has_trades: whether it holds rows that can be read.
    """

    problems: tuple[Problem, ...] = ()
    has_trades: bool = False


def check_file(base: Path, file: DataFile | QuarantineFile) -> FileCheck:
    """Hold one file against its commit; its content is read where a checksum was committed."""
    path = base / file.path
    try:
        size = path.stat().st_size
        same = size == file.bytes and (not file.checksum or checksum(path) == file.checksum)
        if same and file.checksum:
            return FileCheck(has_trades=isinstance(file, DataFile))
        rows = _rows(path)
    except FileNotFoundError:
        return FileCheck((_problem(ProblemKind.MISSING_FILE, file, _what_is_lost(file)),))
    except OSError as error:
        told = f"The storage refuses it: {error.strerror or error}."
        return FileCheck((_problem(ProblemKind.UNREADABLE, file, told),))
    problems = []
    if size != file.bytes:
        told = f"{size} bytes where {file.bytes} were committed."
        problems.append(_problem(ProblemKind.WRONG_SIZE, file, told))
    elif not same:
        problems.append(_problem(ProblemKind.CHANGED, file, "Its size is right, its content not."))
    has_trades = isinstance(file, DataFile) and is_readable(path)
    if rows is None or (isinstance(file, DataFile) and not has_trades):
        problems.append(_problem(ProblemKind.UNREADABLE, file, "It is no whole Parquet file."))
    elif rows != file.rows:
        told = f"{rows} rows where {file.rows} were committed."
        problems.append(_problem(ProblemKind.WRONG_ROW_COUNT, file, told))
    return FileCheck(tuple(problems), has_trades)


def listed(layout: LakeLayout) -> list[Path]:
    """All that a reader may list, whatever it is."""
    return sorted(
        Path(parent, name) for parent, _, names in os.walk(layout.trades) for name in names
    )


def is_readable(path: Path, columns: Sequence[str] = TRADE_COLUMNS) -> bool:
    """Whether a file holds trades, to the last byte of these columns."""
    try:
        read = pq.read_table(path, columns=list(columns), partitioning=None)
    except (OSError, pa.ArrowException):
        return False
    return set(read.column_names) == set(columns)


def _problem(kind: ProblemKind, file: DataFile | QuarantineFile, told: str) -> Problem:
    return Problem(kind, file.path, f"{told} {_RESTORE}")


def _what_is_lost(file: DataFile | QuarantineFile) -> str:
    if isinstance(file, QuarantineFile):
        return f"{file.rows} records in quarantine went with it."
    first, last = file.ids[0][0], file.ids[-1][1]
    return f"{file.rows} trades of {file.symbol} went with it, ids {first} to {last}."


def _rows(path: Path) -> int | None:
    """How many rows a file has by its footer; None where it has none."""
    try:
        return pq.read_metadata(path).num_rows
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException):
        return None
