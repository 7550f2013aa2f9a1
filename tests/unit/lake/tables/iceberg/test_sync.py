"""An Iceberg table follows the lake, from wherever it is."""

from datetime import UTC, datetime, timedelta

import pytest

import lake.tables.sync
from lake.layout import LakeLayout
from lake.log.snapshot import read_snapshot
from lake.tables.iceberg.table import IcebergTable
from lake.tables.sync import sync
from tests.unit.lake.lakes import AT, SOURCE, compact, land
from tests.unit.lake.retiring import lake_of_hours, retire
from tests.unit.lake.tables.following import KEEP_ALL
from tests.unit.lake.tables.iceberg.following import (
    assert_like_the_lake,
    metadata_folder,
    opened,
    paths_in,
    synced,
)

LONG_AFTER = datetime.now(UTC) + timedelta(days=1)


def test_a_snapshot_says_where_the_lake_was(layout: LakeLayout) -> None:
    """The commit and the offsets of Kafka, for whoever joins the table with something else."""
    land(layout, range(1, 11), range(11, 31))
    synced(layout)
    newest = opened(layout).current_snapshot()
    assert newest is not None
    assert newest.summary is not None
    said = newest.summary.additional_properties
    assert said["kraken-lake.commit"] == "2"
    assert said["kraken-lake.kafka-offsets"] == '{"0": 30}'
    assert said["kraken-lake.kafka-topic-id"] == SOURCE.topic_id
    assert (said["total-records"], said["total-data-files"]) == ("30", "2")


def operation(layout: LakeLayout) -> str:
    """What the newest snapshot says that it does."""
    newest = opened(layout).current_snapshot()
    assert newest is not None
    assert newest.summary is not None
    return newest.summary.operation.value


def test_a_merge_changes_files_and_no_rows(layout: LakeLayout) -> None:
    """In one snapshot, which whoever follows the rows may leave out."""
    land(layout, range(1, 11), range(11, 21))
    synced(layout)
    assert operation(layout) == "append"
    compact(layout)
    done = synced(layout)
    assert done is not None
    assert (done.added, done.removed) == (1, 2)
    assert operation(layout) == "replace"
    assert_like_the_lake(layout)


def test_a_merge_with_rows_that_the_table_lacked(layout: LakeLayout) -> None:
    """Then rows change, too."""
    land(layout, range(1, 11))
    synced(layout)
    land(layout, range(11, 21))
    compact(layout)
    synced(layout)
    assert operation(layout) == "overwrite"
    assert_like_the_lake(layout)


def test_retired_hours_leave(layout: LakeLayout) -> None:
    """In a snapshot that only deletes."""
    lake_of_hours(layout, 17, 18)
    synced(layout)
    retire(layout, before=AT)
    done = synced(layout)
    assert done is not None
    assert (done.added, done.removed) == (0, 1)
    assert operation(layout) == "delete"
    assert_like_the_lake(layout)


def test_a_commit_without_files_is_counted(layout: LakeLayout) -> None:
    """Otherwise the table would seem to lag for ever."""
    land(layout, range(1, 11))
    synced(layout)
    land(layout, range(1, 11))  # Dropped, since they have landed.
    done = synced(layout)
    assert done is not None
    assert (done.position.commit, done.added) == (2, 0)
    assert_like_the_lake(layout)


def test_of_two_that_make_the_table_one_looks_again(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both found that there is none."""
    land(layout, range(1, 11))
    slow = IcebergTable(layout)
    append, raced = slow.append, []

    def append_late(*arguments: object) -> object:
        if not raced:
            raced.append(lake.tables.sync._sync(layout, IcebergTable(layout)))
        return append(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(slow, "append", append_late)
    assert sync(layout, slow, KEEP_ALL) is None
    assert_like_the_lake(layout)


def test_a_table_that_was_made_and_has_no_snapshot_goes_on(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its maker was killed between the two steps."""
    land(layout, range(1, 11))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr("lake.tables.iceberg.table.next_snapshot", killed)
        synced(layout)
    assert opened(layout).current_snapshot() is None
    assert synced(layout) is not None
    assert_like_the_lake(layout)


def test_an_empty_lake_has_a_table_once_it_has_a_commit(layout: LakeLayout) -> None:
    """Nothing is written before, and reading makes nothing."""
    layout.commits.mkdir(parents=True)
    assert synced(layout) is None
    assert IcebergTable(layout).files() == {}
    assert not metadata_folder(layout).parent.parent.exists()


def test_lakes_of_two_exchanges_have_a_table_each(layout: LakeLayout) -> None:
    """In the same catalog."""
    other = LakeLayout(layout.base, "OTHER")
    land(layout, range(1, 11))
    land(other, range(1, 6))
    for one in (layout, other):
        assert synced(one) is not None
        assert synced(one) is None
    assert_like_the_lake(layout)
    theirs = opened(layout).catalog.load_table("other.trades")
    assert paths_in(theirs) == [f"file://{layout.base}/{one}" for one in read_snapshot(other).files]
