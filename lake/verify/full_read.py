"""Reads every column of every file, as readers do.

A checksum proves that a file is what was committed, not that it can be read: one string that is not
UTF-8 makes a whole file unreadable for DuckDB and Polars.
"""

from collections.abc import Sequence
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lake.layout import LakeLayout
from lake.read.duckdb_batches import in_batches, open_duckdb
from lake.storage.local_copies import local_names
from lake.storage.object_path import LakePath
from lake.storage.operations import parquet_source
from lake.verify.result import Problem, ProblemKind

__all__ = ["read_fully"]

_EVERYTHING: Final = """
    SELECT bit_xor(hash(file)) FROM read_parquet($paths, hive_partitioning = false,
                                                 union_by_name = true) AS file
"""


def read_fully(layout: LakeLayout, paths: Sequence[LakePath]) -> list[Problem]:
    """Find the files that pyarrow or DuckDB cannot read.

    Args:
        layout: the lake that they are in.
        paths: files that are in place and complete by their footer.

    Raises:
        FileNotFoundError: A file vanished meanwhile.
    """
    faulty: dict[LakePath, str] = {}
    together = ""
    of_each_schema: dict[str, LakePath] = {}
    for batch in in_batches(paths):
        for path in batch:
            try:
                schema = _read_by_arrow(path)
            except FileNotFoundError:
                raise
            except (OSError, pa.ArrowException) as error:
                faulty[path] = _first_line(error)
            else:
                of_each_schema.setdefault(str(schema), path)
        if failure := _duckdb_error(batch):
            together = failure
            faulty = {path: alone for path in batch if (alone := _duckdb_error([path]))} | faulty
    together = together or _duckdb_error([*of_each_schema.values()])
    if together and not faulty:
        faulty = {layout.trades: together}
    return [_unreadable(layout, path, error) for path, error in sorted(faulty.items())]


def _read_by_arrow(path: LakePath) -> "pa.Schema":
    """Read a file and return its columns; only a full validation checks strings."""
    table = pq.read_table(parquet_source(path), partitioning=None)
    table.validate(full=True)
    return table.schema.remove_metadata()


def _duckdb_error(paths: Sequence[LakePath]) -> str:
    """Return DuckDB's error about files that it reads together; empty if it has none."""
    if not paths:
        return ""
    try:
        with open_duckdb() as connection, local_names(paths) as names:
            connection.execute(_EVERYTHING, {"paths": names}).fetchall()
    except duckdb.Error as error:
        if not all(path.exists() for path in paths):
            raise FileNotFoundError(_first_line(error)) from error
        return _first_line(error)
    return ""


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _unreadable(layout: LakeLayout, path: LakePath, error: str) -> Problem:
    advice = (
        f"It is what was committed, but readers cannot read it: {error}. Move the file away, write "
        "its trades again without the faulty column, or fetch them again into another lake."
    )
    return Problem(ProblemKind.UNREADABLE, layout.relative(path), advice)
