"""An Iceberg table that follows a lake, and what it is held against."""

from datetime import datetime
from pathlib import Path

from pyiceberg.catalog import load_catalog
from pyiceberg.table import Table

from lake.layout import LakeLayout
from lake.log.snapshot import read_snapshot
from lake.tables.iceberg.table import IcebergTable
from lake.tables.sync import Synced, sync
from tests.unit.lake.tables.following import KEEP_ALL


def synced(layout: LakeLayout, keep_from: datetime = KEEP_ALL) -> Synced | None:
    """What a new process does."""
    return sync(layout, IcebergTable(layout), keep_from)


def opened(layout: LakeLayout) -> Table:
    """The table as a user of PyIceberg opens it, by PyIceberg's own way of reading files."""
    catalog = load_catalog("lake", uri=f"sqlite:///{layout.base}/_iceberg/catalog.db")
    return catalog.load_table("kraken.trades")


def metadata_folder(layout: LakeLayout) -> Path:
    """Where its own files are."""
    return layout.base / "_iceberg" / "KRAKEN" / "metadata"


def assert_like_the_lake(layout: LakeLayout) -> None:
    """The table lists the lake's files, each once, as of the newest commit."""
    table, snapshot = IcebergTable(layout), read_snapshot(layout)
    position = table.position()
    assert position is not None
    assert position.commit == snapshot.number
    assert paths_in(opened(layout)) == sorted(
        f"file://{layout.base}/{one}" for one in snapshot.files
    )


def paths_in(table: Table, snapshot_id: int | None = None) -> list[str]:
    """The files that PyIceberg plans to read, a path for each."""
    return sorted(one.file.file_path for one in table.scan(snapshot_id=snapshot_id).plan_files())
