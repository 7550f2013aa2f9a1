"""DuckDB over many files, with bounded memory.

A query takes memory for each file that it names, 32 KB and more, and for what it computes. So files
are read some thousand at a time, and DuckDB is given a limit beyond which it writes to disk.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

import duckdb

__all__ = ["MEMORY_LIMIT", "in_batches", "open_duckdb"]

T = TypeVar("T")

_FILES_A_QUERY: Final = 2_000
MEMORY_LIMIT: Final = "512MB"


@contextmanager
def open_duckdb() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory whose queries are limited to 512 MB; times are in UTC.

    What does not fit is written to a temporary folder, which is removed at the end.
    """
    with (
        tempfile.TemporaryDirectory(prefix="kraken-lake-") as spill,
        duckdb.connect(
            config={"memory_limit": MEMORY_LIMIT, "temp_directory": spill}
        ) as connection,
    ):
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def in_batches(files: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield the files in order, as many at a time as one query should read."""
    for start in range(0, len(files), _FILES_A_QUERY):
        yield files[start : start + _FILES_A_QUERY]
