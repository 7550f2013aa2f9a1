"""Every column of every file, read as readers read them.

A checksum says that a file is what was committed, not that what was committed can be read: one text
that is no UTF-8 makes a whole file useless to DuckDB and Polars.
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
    """What of these files pyarrow or DuckDB cannot read.

    Args:
        layout: the lake that they are in.
        paths: files that are in place and whole by their footer.

    Raises:
        FileNotFoundError: a file vanished meanwhile.
    """
    faulty = {path: said for path in paths if (said := _arrow_says(path))}
    together = _duckdb_says(paths)
    if together:
        alone = {path: said for path in paths if (said := _duckdb_says([path]))}
        faulty = {**alone, **faulty}
    if together and not faulty:
        faulty = {layout.trades: together}
    return [_unreadable(layout, path, said) for path, said in sorted(faulty.items())]


def _arrow_says(path: Path) -> str:
    """What pyarrow says against a file: texts are looked at only when asked for."""
    try:
        pq.read_table(path, partitioning=None).validate(full=True)
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException) as error:
        return _first_line(error)
    return ""


def _duckdb_says(paths: Sequence[Path]) -> str:
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


def _unreadable(layout: LakeLayout, path: Path, said: str) -> Problem:
    told = (
        f"It is what was committed, and readers cannot read it: {said}. Move the file away, write "
        "its trades anew without the column at fault, or fetch them again into another lake."
    )
    return Problem(ProblemKind.UNREADABLE, layout.relative(path), told)
