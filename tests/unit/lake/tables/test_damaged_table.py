"""A table that was damaged, removed, or written by another program."""

import json

import pytest

from lake.errors import TableDamaged
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.tables.delta.table import DeltaTable
from lake.tables.sync import rebuild, sync
from tests.unit.lake.lakes import land
from tests.unit.lake.tables.following import (
    KEEP_ALL,
    assert_like_the_lake,
    log,
    remove_log,
    synced,
    version,
    written_when,
)
from tests.unit.lake.tables.places import layout

__all__ = ["layout"]


def lines(actions: list[dict[str, object]]) -> bytes:
    """A version of another program."""
    return "".join(f"{json.dumps(one)}\n" for one in actions).encode()


def test_a_lake_that_went_back_is_noticed(layout: LakeLayout) -> None:
    """Such as one that was restored from a copy: its next commits would be left out."""
    land(layout, range(1, 11), range(11, 21))
    synced(layout)
    CommitLog(layout.commits).path(2).unlink()
    with pytest.raises(TableDamaged, match="holds commit 2, which the lake does not have"):
        synced(layout)


@pytest.mark.parametrize("damage", ["{", '"text"', "\xff", '{"commitInfo":{}}'])
def test_a_damaged_version_is_named(layout: LakeLayout, damage: str) -> None:
    """With the command that mends it."""
    land(layout, range(1, 11))
    synced(layout)
    (log(layout) / f"{0:020d}.json").write_bytes(damage.encode("latin-1"))
    with pytest.raises(TableDamaged, match="--rebuild"):
        synced(layout)


def test_a_missing_version_is_named(layout: LakeLayout) -> None:
    """Readers of the table would fail at it."""
    for first in (1, 11, 21):
        land(layout, range(first, first + 10))
        synced(layout)
    (log(layout) / f"{1:020d}.json").unlink()
    with pytest.raises(TableDamaged, match="version 1 is missing"):
        synced(layout)


def test_a_rebuilt_table_is_whole_again(layout: LakeLayout) -> None:
    """It begins with a version 0 and another id; the lake's files are as they were."""
    land(layout, range(1, 11), range(11, 21))
    synced(layout)
    before = version(layout, 0)[2]["metaData"]["id"]
    in_lake = written_when(layout)
    (log(layout) / f"{0:020d}.json").write_bytes(b"{")
    done = rebuild(layout, DeltaTable(layout), KEEP_ALL)
    assert (done.position.version, done.position.commit, done.added) == (0, 2, 2)
    assert version(layout, 0)[2]["metaData"]["id"] != before
    assert_like_the_lake(layout)
    assert written_when(layout) == in_lake
    if not layout.is_on_store:
        names = sorted(path.name for path in layout.base.iterdir())
        assert names == ["KRAKEN", "_delta_log", "_platform"]


def test_a_table_that_vanishes_is_missed_by_whoever_keeps_it(layout: LakeLayout) -> None:
    """Somebody removed it on purpose, or by mistake; a new process makes it anew."""
    land(layout, range(1, 11))
    table = DeltaTable(layout)
    sync(layout, table, KEEP_ALL)
    remove_log(layout)
    with pytest.raises(TableDamaged, match="its log is gone"):
        sync(layout, table, KEEP_ALL)
    assert synced(layout) is not None
    assert_like_the_lake(layout)


def test_a_table_that_was_rebuilt_by_another_is_read_anew(layout: LakeLayout) -> None:
    """A process that knew the old one must not go on with its version numbers."""
    land(layout, range(1, 11))
    table = DeltaTable(layout)
    sync(layout, table, KEEP_ALL)
    land(layout, range(11, 21))
    sync(layout, table, KEEP_ALL)
    rebuild(layout, DeltaTable(layout), KEEP_ALL)
    land(layout, range(21, 31))
    done = sync(layout, table, KEEP_ALL)
    assert done is not None
    assert done.position.version == 1
    assert_like_the_lake(layout)


def test_what_another_program_wrote_is_put_right(layout: LakeLayout) -> None:
    """Files that it added leave the table, and those that it removed come back."""
    land(layout, range(1, 11), range(11, 21))
    synced(layout)
    (gone, *_) = [action["add"]["path"] for action in version(layout, 0) if "add" in action]
    theirs = [
        {"commitInfo": {"engineInfo": "another"}},
        {"remove": {"path": gone, "dataChange": False}},
        {"add": {"path": "year=2026/theirs.parquet", "partitionValues": {}, "size": 1}},
    ]
    (log(layout) / f"{1:020d}.json").write_bytes(lines(theirs))
    done = synced(layout)
    assert done is not None
    assert (done.position.version, done.added, done.removed) == (2, 1, 1)
    assert_like_the_lake(layout)


def test_a_table_of_another_program_is_left_alone(layout: LakeLayout) -> None:
    """It stands where ours would, and only the user knows whose it is."""
    land(layout, range(1, 11))
    log(layout).mkdir()
    theirs = [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {"metaData": {"id": "x"}},
    ]
    (log(layout) / f"{0:020d}.json").write_bytes(lines(theirs))
    with pytest.raises(TableDamaged, match="another program's table"):
        synced(layout)
    assert (log(layout) / f"{0:020d}.json").read_bytes() == lines(theirs)
