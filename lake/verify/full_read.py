"""Reads every column of every file, as readers do.

A checksum proves that a file is what was committed, not that it can be read: one string that is not
UTF-8 makes a whole file unreadable for DuckDB and Polars.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lake.layout import LakeLayout
from lake.verify.result import Problem, ProblemKind

__all__ = ["read_fully"]

_EVERYTHING: Final = """
    SELECT bit_xor(hash(file)) FROM read_parquet($paths, hive_partitioning = false,
                                                 union_by_name = true) AS file
"""


def read_fully(layout: LakeLayout, paths: Sequence[Path]) -> list[Problem]:
    """Find the files that pyarrow or DuckDB cannot read.

    Args:
        layout: the lake that they are in.
        paths: files that are in place and complete by their footer.

    Raises:
        FileNotFoundError: A file vanished meanwhile.
    """
    faulty = {path: error for path in paths if (error := _arrow_error(path))}
    together = _duckdb_error(paths)
    if together:
        alone = {path: error for path in paths if (error := _duckdb_error([path]))}
        faulty = {**alone, **faulty}
    if together and not faulty:
        faulty = {layout.trades: together}
    return [_unreadable(layout, path, error) for path, error in sorted(faulty.items())]


def _arrow_error(path: Path) -> str:
    """Return pyarrow's error about a file; only a full validation checks strings."""
    try:
        pq.read_table(path, partitioning=None).validate(full=True)
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException) as error:
        return _first_line(error)
    return ""


def _duckdb_error(paths: Sequence[Path]) -> str:
    if not paths:
        return ""
    try:
        with duckdb.connect() as connection:
            connection.execute(_EVERYTHING, {"paths": [str(path) for path in paths]}).fetchall()
    except duckdb.Error as error:
        if not all(path.exists() for path in paths):
            raise FileNotFoundError(_first_line(error)) from error
        return _first_line(error)
    return ""


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _unreadable(layout: LakeLayout, path: Path, error: str) -> Problem:
    advice = (
        f"It is what was committed, but readers cannot read it: {error}. Move the file away, write "
        "its trades again without the faulty column, or fetch them again into another lake."
    )
    return Problem(ProblemKind.UNREADABLE, layout.relative(path), advice)
