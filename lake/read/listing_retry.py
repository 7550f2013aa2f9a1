"""Retries a read of listed files, since compaction may replace some of them meanwhile."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

import duckdb

__all__ = ["retry_listing"]

T = TypeVar("T")

_ATTEMPTS: Final = 5
_PAUSE: Final = 0.1


def retry_listing(read: Callable[[], T]) -> T:
    """Return what `read` returns; call it again if a file that it listed was gone.

    Raises:
        duckdb.Error, FileNotFoundError: A file could not be read in any of the attempts.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return read()
        except (duckdb.IOException, FileNotFoundError):
            time.sleep(_PAUSE)
    return read()
