"""Compares the files on disk with those that the commit log names."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from lake.layout import LakeLayout
from lake.log.commit import CommittedFile, DataFile, RetirementProof
from lake.storage.object_path import LakePath, ObjectPath
from lake.storage.operations import checksum, parquet_source, size_of
from lake.verify.proofs import Proof
from lake.verify.result import Problem, ProblemKind

__all__ = ["TRADE_COLUMNS", "FileCheck", "check_file", "is_readable", "listed"]

TRADE_COLUMNS = ("trade_id", "executed_at")
"""The columns that identify a trade and its folder."""

_RESTORE = "Restore it from a copy of the lake."


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What is wrong with one committed file.

    Attributes:
        problems: all problems found.
        has_trades: whether it holds trades that can be read.
        proof: what proves it from now on, if its rows are without a problem too; None if a later
            change might not show.
        is_known: whether a former verification proved it, so that it was not read.
    """

    problems: tuple[Problem, ...] = ()
    has_trades: bool = False
    proof: Proof | None = None
    is_known: bool = False


def check_file(base: LakePath, file: CommittedFile) -> FileCheck:
    """Compare one file with its commit; read its content if a checksum was committed."""
    path = base / file.path
    try:
        size = size_of(path)
        same = size == file.bytes and (not file.checksum or checksum(path) == file.checksum)
        if same and file.checksum:
            return FileCheck(has_trades=isinstance(file, DataFile))
        rows = _rows(path)
    except FileNotFoundError:
        return FileCheck((_problem(ProblemKind.MISSING_FILE, file, _what_is_lost(file)),))
    except OSError as error:
        message = f"The storage refuses to read it: {error.strerror or error}."
        return FileCheck((_problem(ProblemKind.UNREADABLE, file, message),))
    problems = []
    if size != file.bytes:
        message = f"{size} bytes where {file.bytes} were committed."
        problems.append(_problem(ProblemKind.WRONG_SIZE, file, message))
    elif not same:
        message = "Its size is right, but its content has changed."
        problems.append(_problem(ProblemKind.CHANGED, file, message))
    has_trades = isinstance(file, DataFile) and is_readable(path)
    if rows is None or (isinstance(file, DataFile) and not has_trades):
        message = "It is not a complete Parquet file."
        problems.append(_problem(ProblemKind.UNREADABLE, file, message))
    elif rows != file.rows:
        message = f"{rows} rows where {file.rows} were committed."
        problems.append(_problem(ProblemKind.WRONG_ROW_COUNT, file, message))
    return FileCheck(tuple(problems), has_trades)


def listed(layout: LakeLayout) -> list[str]:
    """List the path of every file in the folder for readers, whatever it is."""
    trades = layout.trades
    if isinstance(trades, ObjectPath):
        return [str(path) for path in trades.below()]
    return sorted(f"{parent}/{name}" for parent, _, names in os.walk(trades) for name in names)


def is_readable(path: LakePath, columns: Sequence[str] = TRADE_COLUMNS) -> bool:
    """Return whether a file has these columns and all their values can be read."""
    try:
        read = pq.read_table(parquet_source(path), columns=list(columns), partitioning=None)
    except (OSError, pa.ArrowException):
        return False
    return set(read.column_names) == set(columns)


def _problem(kind: ProblemKind, file: CommittedFile, message: str) -> Problem:
    return Problem(kind, file.path, f"{message} {_RESTORE}")


def _what_is_lost(file: CommittedFile) -> str:
    if isinstance(file, RetirementProof):
        return f"The proof of {file.trades} retired trades is lost with it."
    if not isinstance(file, DataFile):
        return f"{file.rows} records in quarantine are lost with it."
    first, last = file.ids[0][0], file.ids[-1][1]
    return f"{file.rows} trades of {file.symbol} are lost with it, ids {first} to {last}."


def _rows(path: LakePath) -> int | None:
    """Return how many rows a file's footer counts; None if it has no readable footer."""
    try:
        return pq.read_metadata(parquet_source(path)).num_rows
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException):
        return None
