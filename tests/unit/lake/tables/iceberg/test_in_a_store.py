"""The Iceberg table of a lake in an object store: kills, lost answers, and what expires.

On a real S3 server, with a catalog in SQLite and with one that is asked by REST.
"""

import os
from itertools import count

import pytest
from pyiceberg.io import FileIO
from pyiceberg.table.metadata import TableMetadata

import lake.tables.iceberg.table
from infra.object_store.proxy import Fault, StoreProxy
from infra.object_store.server import ObjectStore
from lake.layout import LakeLayout, folder_of
from lake.log.snapshot import read_snapshot
from lake.storage import object_client
from lake.storage.object_client import ObjectClient, open_store
from lake.tables.iceberg import expiry
from lake.tables.iceberg.stored_files import StoredFiles
from lake.tables.iceberg.table import IcebergTable
from lake.tables.sync import sync
from tests.object_store.lakes import fresh_clients
from tests.unit.lake.lakes import AT, compact, land
from tests.unit.lake.store.stores import Killed, Process
from tests.unit.lake.tables.following import DROP_OLD, KEEP_ALL
from tests.unit.lake.tables.iceberg.following import (
    assert_like_the_lake,
    kept,
    metadata_folder,
    metadata_names,
    opened,
    synced,
)
from tests.unit.lake.tables.iceberg.places import catalog_of
from tests.unit.lake.tables.iceberg.places import in_store as layout
from tests.unit.lake.tables.trades import trades

__all__ = ["fresh_clients", "layout"]

IN_BTC = folder_of(AT, "BTC/USD")


def grow(layout: LakeLayout, first: int) -> None:
    """Land a file more."""
    land(layout, trades(first, 3, AT), folder=IN_BTC)


def sync_killed(layout: LakeLayout, after: int, patch: pytest.MonkeyPatch) -> tuple[bool, Process]:
    """Sync in a process that is killed at a writing request; return whether it was."""
    bucket = layout.base.bucket  # type: ignore[union-attr]
    process = Process(open_store(bucket), kill_after=after)  # type: ignore[arg-type]
    client = ObjectClient(process, bucket)  # type: ignore[arg-type]
    with patch.context() as dying:
        dying.setitem(object_client._CLIENTS, (os.getpid(), bucket), client)
        dying.setattr(lake.tables.iceberg.table, "EXPIRED_AT_ONCE", 1)
        try:
            sync(layout, kept(layout), DROP_OLD)
        except Killed:
            return True, process
        return False, process


def hurry(patch: pytest.MonkeyPatch) -> None:
    """Three snapshots are kept, and files that none needs are removed at once."""
    patch.setattr(expiry, "NEWEST", 3)
    patch.setattr(lake.tables.iceberg.table, "_SCRAPS_AFTER", -1.0)


def test_making_a_table_is_killed_between_any_two_requests(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Again and again: each process goes on from what the one before left."""
    grow(layout, 1)
    for after in count():
        was_killed, process = sync_killed(layout, after, monkeypatch)
        if not was_killed:
            break
        assert process.is_dead
    assert after > 1, "the manifest and the list of manifests"
    assert_like_the_lake(layout)
    assert opened(layout).scan().count() == 3


def test_a_sync_is_killed_between_any_two_requests(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one goes on; what expires is among what is killed, and merges are."""
    hurry(monkeypatch)
    for number in range(5):
        grow(layout, 10 * number + 1)
        synced(layout)
    for after in count():
        grow(layout, 10 * after + 101)
        if after % 2:
            compact(layout)
        was_killed, process = sync_killed(layout, after, monkeypatch)
        if not was_killed:
            break
        grow(layout, 10 * after + 106)
        assert synced(layout) is not None
        assert_like_the_lake(layout)
    assert "delete" in [one.kind for one in process.requests], "it came to removing what expired"
    assert after > 2
    assert_like_the_lake(layout)
    rows = opened(layout).scan().to_arrow().column("trade_id").to_pylist()
    assert len(rows) == len(set(rows)) == 3 * (5 + 2 * after + 1)


@pytest.mark.parametrize("fault", [Fault.SLOW_DOWN, Fault.LOST_ANSWER, Fault.CUT_REQUEST])
def test_a_store_that_falters_is_asked_again(
    layout: LakeLayout, object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    """An object that was written without an answer is recognized."""
    grow(layout, 1)
    left = [fault, fault]
    with StoreProxy(object_store.endpoint) as proxy:
        proxy.fault = lambda asked: (
            left.pop() if left and asked.method == "PUT" and "/_iceberg/" in asked.key else None
        )
        with monkeypatch.context() as through:
            through.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
            through.setattr(object_client, "_CLIENTS", {})
            assert sync(layout, IcebergTable(layout, catalog_of(layout)), KEEP_ALL) is not None
    assert left == []
    assert_like_the_lake(layout)


def test_what_expires_is_removed_from_the_store(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scraps of killed processes, too; what is left reads the same rows, and the lake's stay."""
    hurry(monkeypatch)
    monkeypatch.setattr(lake.tables.iceberg.table, "EXPIRED_AT_ONCE", 2)
    properties = lake.tables.iceberg.table._PROPERTIES
    few = {**properties, "write.metadata.previous-versions-max": "2"}
    monkeypatch.setattr(lake.tables.iceberg.table, "_PROPERTIES", few)
    for number in range(12):
        grow(layout, 10 * number + 1)
        if number == 1:
            (metadata_folder(layout) / "scrap-m0.avro").write_bytes(b"half")
        synced(layout, DROP_OLD)
    table = opened(layout)
    assert 3 <= len(table.snapshots()) <= 4
    assert len(metadata_names(layout)) < 20
    assert "scrap-m0.avro" not in metadata_names(layout)
    assert all(one.manifests(table.io) for one in table.snapshots())
    assert table.scan().count() == 36
    assert_like_the_lake(layout)


def test_what_is_removed_was_written_before_that_was_decided(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others go on while a process sleeps, and it must not remove what they write."""
    hurry(monkeypatch)
    monkeypatch.setattr(lake.tables.iceberg.table, "_SCRAPS_AFTER", 0.0)
    monkeypatch.setattr(lake.tables.iceberg.table, "EXPIRED_AT_ONCE", 2)
    limits: list[tuple[float, float]] = []

    def drop(metadata: TableMetadata, _: str, __: FileIO, older_than: float) -> int:
        limits.append((older_than, metadata.last_updated_ms / 1000))
        return 0

    monkeypatch.setattr(lake.tables.iceberg.table, "drop_unneeded_files", drop)
    for number in range(5):
        grow(layout, 10 * number + 1)
        synced(layout, DROP_OLD)
    assert limits
    assert all(older_than <= decided for older_than, decided in limits)


def test_no_object_of_the_lake_is_removed_by_the_tables_io(layout: LakeLayout) -> None:
    """Whatever is asked of PyIceberg, such as to purge the table."""
    grow(layout, 1)
    (path,) = (layout.base / one for one in read_snapshot(layout).files)
    with pytest.raises(PermissionError, match="no table may remove"):
        StoredFiles().delete(str(path))
    assert path.exists()
    metadata = metadata_folder(layout) / "x.avro"
    metadata.write_bytes(b"x")
    StoredFiles().delete(str(metadata))
    assert not metadata.exists()
