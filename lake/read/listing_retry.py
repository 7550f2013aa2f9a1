"""Reading the files that a listing gives, while compaction may replace some of them."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

import duckdb

__all__ = ["reread"]

T = TypeVar("T")

_ATTEMPTS: Final = 5
_PAUSE: Final = 0.1


def reread(read: Callable[[], T]) -> T:
    """What `read` gives; it is called again where a file that it listed was gone.

    Raises:
        duckdb.Error: a file cannot be read, however often it is tried.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return read()
        except duckdb.IOException:
            time.sleep(_PAUSE)
    return read()
