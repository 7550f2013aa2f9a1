"""Counts how often the stream has failed at its current offsets.

Beside the commit log, this count is all that a run leaves to the next. It decides nothing about
what has landed: if it is lost, the stream fails once more before it reads record by record.
"""

import json
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, ValidationError

from lake.log.commit import OffsetRange
from lake.storage.object_path import LakePath
from lake.storage.operations import replace

__all__ = ["Attempts"]


class _Noted(BaseModel):
    model_config = ConfigDict(frozen=True)

    start: Mapping[int, int]
    failures: int


class Attempts:
    """The count of failures at one position, kept in a small file below `_platform`.

    Args:
        path: the file.
    """

    def __init__(self, path: LakePath) -> None:
        self._path = path
        self._noted = self._read()
        self._noted_by_this_run = False

    def begin(self, offsets: Mapping[int, OffsetRange]) -> int:
        """Return how often earlier runs failed at the position of this run's first batch.

        The batch counts as failed until it has landed: if the whole run is killed, there is no time
        to write the failure down.
        """
        before = self._failures(offsets)
        self._note(offsets, before + 1)
        return before

    def failed(self, offsets: Mapping[int, OffsetRange]) -> int:
        """Note a failure, and return how many there were at this position."""
        before = self._failures(offsets)
        if before and self._noted_by_this_run:
            return before
        self._note(offsets, before + 1)
        return before + 1

    def forget(self) -> None:
        """Forget the failures: the position has changed."""
        if self._noted is not None:
            self._path.unlink(missing_ok=True)
            self._noted, self._noted_by_this_run = None, False

    def _failures(self, offsets: Mapping[int, OffsetRange]) -> int:
        return self._noted.failures if self._noted and self._noted.start == _start(offsets) else 0

    def _note(self, offsets: Mapping[int, OffsetRange], failures: int) -> None:
        self._noted, self._noted_by_this_run = (
            _Noted(start=_start(offsets), failures=failures),
            True,
        )
        self._path.parent.mkdir(parents=True, exist_ok=True)
        replace(self._path, self._noted.model_dump_json().encode())

    def _read(self) -> _Noted | None:
        try:
            return _Noted.model_validate(json.loads(self._path.read_bytes()))
        except (OSError, ValueError, ValidationError):
            return None  # No file, or one that cannot be read: no failure is known.


def _start(offsets: Mapping[int, OffsetRange]) -> dict[int, int]:
    return {partition: covered.start for partition, covered in offsets.items()}
