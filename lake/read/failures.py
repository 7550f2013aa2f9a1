"""Failures to read the lake that are no `LakeError`, in one sentence."""

from typing import Final

import duckdb

__all__ = ["READ_FAILURES", "unreadable"]

READ_FAILURES: Final = (duckdb.Error, OSError)
"""A file is damaged or gone, or the file system refused."""


def unreadable(error: Exception) -> str:
    """Return the message for one of `READ_FAILURES`."""
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return f"the lake cannot be read: {reason}; `kraken-lake verify` names damaged files"
