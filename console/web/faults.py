"""Why a page, or a part of the report, cannot be made: one sentence per kind of error."""

from typing import Final

import duckdb

from console.errors import ConsoleError
from lake.errors import LakeError

__all__ = ["FAULTS", "fault_sentence"]

FAULTS: Final = (ConsoleError, LakeError, duckdb.Error)
"""What can be wrong with a lake or with what was asked of it."""


def fault_sentence(error: Exception) -> str:
    """Return what happened, and what to do next."""
    if not isinstance(error, duckdb.Error):
        return str(error)
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return f"A file cannot be read: {reason}. `kraken-lake verify` names damaged files."
