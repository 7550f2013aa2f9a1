"""Scenarios with so many files that the whole file system is flushed: two of them are many here."""

from collections.abc import Callable, Mapping

import pytest

import lake.storage.local_files
from lake.layout import LakeLayout
from tests.unit.lake.crash.scenarios import SCENARIOS, Acknowledge

__all__ = ["OF_MANY_FILES"]


def flushed_whole(
    scenario: Callable[[LakeLayout, Acknowledge], None],
) -> Callable[[LakeLayout, Acknowledge], None]:
    """The same where two files are many."""

    def with_few(layout: LakeLayout, acknowledge: Acknowledge) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lake.storage.local_files, "_MANY", 2)
            scenario(layout, acknowledge)

    return with_few


OF_MANY_FILES: Mapping[str, Callable[[LakeLayout, Acknowledge], None]] = {
    f"{name}, of many files": flushed_whole(SCENARIOS[name])
    for name in ("stream", "compaction", "stream killed while it publishes")
}
