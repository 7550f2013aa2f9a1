"""DuckDB for pages: bounded memory, threads and time, and no file outside the lake."""

import os
from collections.abc import Mapping, Sequence
from threading import BoundedSemaphore, Timer
from typing import Any, Final

import duckdb

from console.errors import TooSlow
from console.lake_view.object_copies import ObjectCopies
from lake.layout import LakeLayout
from lake.log.commit import CommittedFile
from lake.log.live_files import readable_path
from lake.read.bounded_connection import bounded_connection

__all__ = ["Reader"]

_THREADS: Final = min(2, os.cpu_count() or 1)
_AT_ONCE: Final = 2
"""Queries at the same time; others wait."""
_SECONDS: Final = 15.0


class Reader:
    """Queries over files of one lake.

    DuckDB is told to read nothing outside the folder that holds the lake, or copies of its objects
    if it is in a store.

    Args:
        layout: the lake.
    """

    def __init__(self, layout: LakeLayout) -> None:
        self._base = layout.base
        self._copies = ObjectCopies(layout) if layout.is_on_store else None
        self._connection = bounded_connection(
            layout.base if self._copies is None else self._copies.folder,
            threads=str(_THREADS),
            temp_directory="''",
        )
        self._free = BoundedSemaphore(_AT_ONCE)

    def names(self, files: Sequence[CommittedFile], seconds: float = _SECONDS) -> list[str]:
        """Return the names that queries read files by, in their order. Use them at once.

        Raises:
            TooSlow, FileNotFoundError, LakeDamaged, LakeUnwritable: As `ObjectCopies.names`, if the
                lake is in a store.
        """
        if self._copies is not None:
            return self._copies.names(files, seconds)
        return [str(readable_path(self._base, file)) for file in files]

    def rows(
        self, sql: str, parameters: Mapping[str, object], seconds: float = _SECONDS
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a query.

        Raises:
            TooSlow: It took longer than `seconds`, or waited that long for others.
            duckdb.Error: A file cannot be read.
        """
        if not self._free.acquire(timeout=seconds):
            raise TooSlow("Other pages are still being read. Try again in a moment.")
        try:
            return self._answer(sql, parameters, seconds)
        finally:
            self._free.release()

    def _answer(
        self, sql: str, parameters: Mapping[str, object], seconds: float
    ) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            limit = Timer(seconds, cursor.interrupt)
            limit.start()
            try:
                return cursor.execute(sql, dict(parameters)).fetchall()
            except duckdb.InterruptException as error:
                raise TooSlow(
                    f"The lake's files could not be read in {seconds:.0f} s. Ask for a shorter "
                    "time, or run `kraken-lake compact`: many small files are slow to read."
                ) from error
            finally:
                limit.cancel()
