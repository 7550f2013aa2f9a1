"""A table follows the lake, from wherever it is."""

from datetime import UTC, datetime, timedelta

import pytest

import lake.tables.sync
from lake.errors import LakeBusy, LakeMissing
from lake.layout import LakeLayout
from lake.log.folding import fold
from lake.log.snapshot import read_snapshot
from lake.storage.lock import writer_lock
from lake.storage.operations import names_in
from lake.tables.delta.table import DeltaTable
from lake.tables.sync import lock_file, sync
from lake.tables.table import TableFormat
from lake.write.publishing import publish
from tests.unit.lake.lakes import compact, land
from tests.unit.lake.tables.following import (
    KEEP_ALL,
    assert_like_the_lake,
    log,
    remove_log,
    synced,
    version,
)
from tests.unit.lake.tables.places import layout

__all__ = ["layout"]

ON_DISK = pytest.mark.parametrize("layout", ["disk"], indirect=True)


def test_a_merge_changes_files_and_no_rows(layout: LakeLayout) -> None:
    """Readers of the table see the merged file instead of its parts."""
    land(layout, range(1, 11), range(11, 21))
    synced(layout)
    compact(layout)
    done = synced(layout)
    assert done is not None
    assert (done.added, done.removed) == (1, 2)
    assert_like_the_lake(layout)
    files = [action for action in version(layout, 1) if "add" in action or "remove" in action]
    assert [one["dataChange"] for action in files for one in action.values()] == [False] * 3


def test_a_lake_that_is_folded_to_its_end_has_a_table(layout: LakeLayout) -> None:
    """The newest commit's file is not needed."""
    land(layout, range(1, 11), range(11, 21))
    for _ in range(2):
        fold(layout, 2, datetime.now(UTC) + timedelta(days=1))
    for name in names_in(layout.commits):
        if name.endswith(".json") and name[0].isdigit():
            (layout.commits / name).unlink()
    assert synced(layout) is not None
    assert_like_the_lake(layout)


def test_a_table_far_behind_is_compared(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading every commit since would take as long as it stood still."""
    land(layout, range(1, 11))
    synced(layout)
    monkeypatch.setattr(lake.tables.sync, "_MOST_COMMITS", 3)
    land(layout, *(range(first, first + 10) for first in range(11, 61, 10)))
    done = synced(layout)
    assert done is not None
    newest = read_snapshot(layout).number
    assert (done.position.commit, done.commits, done.added) == (newest, None, 5)
    assert_like_the_lake(layout)


@ON_DISK
def test_a_commit_whose_files_are_not_in_place_yet_waits(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the table would name a file that is not there."""
    land(layout, range(1, 11))
    synced(layout)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lake.write.writer.publish", killed)
    with pytest.raises(KeyboardInterrupt):
        land(layout, range(11, 21))
    assert synced(layout) is None
    remove_log(layout)
    first = synced(layout)
    assert first is not None
    assert first.position.commit == 1
    monkeypatch.setattr("lake.write.writer.publish", publish)
    land(layout, range(21, 31))
    assert synced(layout) is not None
    assert_like_the_lake(layout)


@ON_DISK
def test_a_commit_is_durable_before_the_table_counts_it(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut must not take a commit and leave the version that says the table has it."""
    done: list[object] = []
    monkeypatch.setattr(lake.tables.sync, "flush", done.append)
    table = DeltaTable(layout)
    append = table.append

    def appended(*arguments: object) -> object:
        done.append("version")
        return append(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(table, "append", appended)
    for first in (1, 11):
        land(layout, range(first, first + 10))
        sync(layout, table, KEEP_ALL)
    assert done == [[layout.commits], "version"] * 2


@ON_DISK
def test_the_second_at_a_time_waits_and_says_so(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both would do the same work."""
    land(layout, range(1, 11))
    monkeypatch.setattr(lake.tables.sync, "_PATIENCE", 0.0)
    with (
        writer_lock(lock_file(layout, TableFormat.DELTA)),
        pytest.raises(LakeBusy, match="table-writer"),
    ):
        synced(layout)


def test_without_a_lake_there_is_no_table(layout: LakeLayout) -> None:
    """The message names the settings; an empty lake is no mistake."""
    with pytest.raises(LakeMissing, match="BASE_OUTPUT_PATH"):
        synced(layout)
    assert not layout.base.exists()
    if layout.is_on_store:
        return
    layout.commits.mkdir(parents=True)
    assert synced(layout) is None
    assert not log(layout).exists()


def test_lakes_of_two_exchanges_share_a_table(layout: LakeLayout) -> None:
    """Each brings its own files up to date, and leaves those of the other alone."""
    other = LakeLayout(layout.base, "OTHER")
    land(layout, range(1, 11))
    land(other, range(1, 6))
    for _ in range(2):
        synced(layout)
        synced(other)
        land(layout, range(11, 21))
        land(other, range(6, 11))
        compact(layout)
    synced(other)
    synced(layout)
    assert_like_the_lake(layout)
    assert_like_the_lake(other)
    assert synced(layout) is None
    assert synced(other) is None
