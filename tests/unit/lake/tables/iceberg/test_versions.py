"""Versions of the table: columns that came later, the lake as of a commit, and what expires."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pyarrow as pa
import pytest
from pyiceberg.table.snapshots import Operation, Snapshot, Summary

import lake.tables.iceberg.table
from lake.errors import TableDamaged
from lake.layout import LakeLayout, folder_of
from lake.log.snapshot import read_snapshot
from lake.tables.iceberg import expiry
from lake.tables.iceberg.expiry import expired
from lake.tables.iceberg.table import IcebergTable
from tests.unit.lake.lakes import AT, compact, land
from tests.unit.lake.tables.following import DROP_OLD
from tests.unit.lake.tables.iceberg.following import (
    assert_like_the_lake,
    metadata_folder,
    opened,
    synced,
)
from tests.unit.lake.tables.stages import in_order, in_the_files
from tests.unit.lake.tables.trades import trades

IN_BTC = folder_of(AT, "BTC/USD")
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_a_later_column_is_in_the_table_from_its_version_on(layout: LakeLayout) -> None:
    """And before it the table is as it was."""
    land(layout, trades(1, 3, AT), folder=IN_BTC)
    synced(layout)
    land(layout, trades(11, 3, AT, feed="WS"), folder=IN_BTC)
    synced(layout)
    table = opened(layout)
    before = table.scan(snapshot_id=1).to_arrow()
    assert "feed" not in before.column_names
    assert before.num_rows == 3
    assert table.scan().to_arrow().column("feed").to_pylist().count(None) == 3
    assert in_order(table.scan().to_arrow().to_pylist()) == in_the_files(layout, ["symbol"])


def test_a_later_column_may_be_nested(layout: LakeLayout) -> None:
    """With names for readers at every depth, both where it begins the table and where it joins."""
    kind = pa.struct(
        [("a", pa.list_(pa.struct([("b", pa.int32())]))), ("m", pa.map_(pa.string(), pa.int64()))]
    )
    value = {"a": [{"b": 1}], "m": [("x", 2)]}
    for first, name in ((1, "first"), (11, "second")):
        batch = trades(first, 1, AT).append_column(name, pa.array([value], kind))
        land(layout, batch, folder=IN_BTC)
        synced(layout)
    found = in_order(opened(layout).scan().to_arrow().to_pylist())
    assert [(row["first"], row["second"]) for row in found] == [(value, None), (None, value)]


def test_a_column_of_another_type_is_refused(layout: LakeLayout) -> None:
    """The table stays as it is, and the message names the command that mends it."""
    land(layout, trades(1, 3, AT, feed="WS"), folder=IN_BTC)
    synced(layout)
    other = trades(11, 1, AT).append_column("feed", pa.array([1.5]))
    land(layout, other, folder=IN_BTC)
    with pytest.raises(TableDamaged, match=r"feed.*--format iceberg --rebuild"):
        synced(layout)
    position = IcebergTable(layout).position()
    assert position is not None
    assert position.commit == 1


def test_the_lake_as_of_a_commit(layout: LakeLayout) -> None:
    """The version that a commit maps to has the trades of that commit."""
    for number in range(4):
        land(layout, trades(10 * number + 1, 3, AT), folder=IN_BTC)
        synced(layout)
    for commit in (1, 2, 3, 4):
        found = IcebergTable(layout).version_at(commit)
        assert found is not None
        assert found.commit == commit
        assert opened(layout).scan(snapshot_id=found.version).count() == 3 * commit
    assert IcebergTable(layout).version_at(99) == IcebergTable(layout).version_at(4)
    assert IcebergTable(layout).version_at(0) is None


def made(number: int, at: datetime) -> Snapshot:
    """A snapshot of that time."""
    return Snapshot(
        snapshot_id=number,
        sequence_number=number,
        timestamp_ms=int(at.timestamp() * 1000),
        manifest_list="",
        summary=Summary(Operation.APPEND),
    )


def test_what_expires() -> None:
    """The newest are kept, and one of each fiftieth of the retention, none from before it."""
    every_ten_seconds = [made(n, NOW - timedelta(seconds=10 * (20_000 - n))) for n in range(20_000)]
    keep_from = NOW - timedelta(hours=25)
    gone = set(expired(every_ten_seconds, keep_from, NOW))
    kept = [one for one in every_ten_seconds if one.snapshot_id not in gone]
    assert {one.snapshot_id for one in kept} >= set(range(19_950, 20_000))
    assert 95 <= len(kept) <= 102
    older = [one.timestamp_ms / 1000 for one in kept[: -expiry.NEWEST]]
    assert older[0] >= keep_from.timestamp()
    gaps = [later - earlier for earlier, later in pairwise(older)]
    assert set(gaps[1:-1]) == {1800.0}


def test_what_was_kept_is_kept_the_next_time() -> None:
    """Otherwise each round would thin out what the one before left."""
    kept: list[Snapshot] = []
    for n in range(2_000):
        now = NOW + timedelta(minutes=n)
        kept.append(made(n + 1, now))
        gone = set(expired(kept, now - timedelta(hours=25), now))
        kept = [one for one in kept if one.snapshot_id not in gone]
    assert 95 <= len(kept) <= 102


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three snapshots are kept, and files that none needs are removed at once."""
    monkeypatch.setattr(expiry, "NEWEST", 3)
    monkeypatch.setattr(lake.tables.iceberg.table, "EXPIRED_AT_ONCE", 2)
    monkeypatch.setattr(lake.tables.iceberg.table, "_SCRAPS_AFTER", -1.0)
    properties = {
        **lake.tables.iceberg.table._PROPERTIES,
        "write.metadata.previous-versions-max": "2",
    }
    monkeypatch.setattr(lake.tables.iceberg.table, "_PROPERTIES", properties)


@pytest.mark.usefixtures("_hasty")
def test_old_versions_go_and_the_files_of_the_lake_stay(layout: LakeLayout) -> None:
    """What is left of the metadata reads the same rows; scraps of killed processes go, too."""
    for number in range(20):
        land(layout, trades(10 * number + 1, 3, AT), folder=IN_BTC)
        if number % 7 == 6:
            compact(layout)
        if number == 1:
            (metadata_folder(layout) / "scrap-m0.avro").write_bytes(b"half")
        synced(layout, DROP_OLD)
    table = opened(layout)
    assert 3 <= len(table.snapshots()) <= 4
    assert len(list(metadata_folder(layout).iterdir())) < 20
    assert not (metadata_folder(layout) / "scrap-m0.avro").exists()
    assert_like_the_lake(layout)
    for snapshot in table.snapshots():
        assert snapshot.manifests(table.io)
    assert all((layout.base / path).exists() for path in read_snapshot(layout).files)
    assert in_order(table.scan().to_arrow().to_pylist()) == [
        {name: value for name, value in row.items() if name != "feed"}
        for row in in_the_files(layout, ["symbol"])
    ]


@pytest.mark.usefixtures("_hasty")
def test_a_version_that_has_a_name_stays(layout: LakeLayout) -> None:
    """Somebody tagged it to come back to it."""
    land(layout, trades(1, 3, AT), folder=IN_BTC)
    synced(layout, DROP_OLD)
    opened(layout).manage_snapshots().create_tag(1, "begin").commit()
    for number in range(1, 8):
        land(layout, trades(10 * number + 1, 3, AT), folder=IN_BTC)
        synced(layout, DROP_OLD)
    assert opened(layout).scan(snapshot_id=1).count() == 3


def test_the_list_of_manifests_stays_short(layout: LakeLayout) -> None:
    """Small ones are merged; each file is in one of them."""
    for number in range(70):
        land(layout, trades(10 * number + 1, 1, AT), folder=IN_BTC)
        synced(layout)
    table = opened(layout)
    newest = table.current_snapshot()
    assert newest is not None
    assert len(newest.manifests(table.io)) <= 14
    assert_like_the_lake(layout)


def test_what_is_gone_is_listed_by_the_version_in_which_it_went(layout: LakeLayout) -> None:
    """And by no later one: whoever plans a scan decodes each entry of the newest."""
    for number in range(3):
        land(layout, trades(10 * number + 1, 3, AT), folder=IN_BTC)
    synced(layout)
    compact(layout)
    synced(layout)
    land(layout, trades(91, 3, AT), folder=IN_BTC)
    synced(layout)
    table = opened(layout)
    counts = [
        [
            sum(one.added_files_count or 0 for one in manifests),
            sum(one.existing_files_count or 0 for one in manifests),
            sum(one.deleted_files_count or 0 for one in manifests),
        ]
        for snapshot in table.snapshots()
        for manifests in [snapshot.manifests(table.io)]
    ]
    assert counts == [[3, 0, 0], [1, 0, 3], [2, 0, 0]]
    assert_like_the_lake(layout)
