"""An Iceberg table that follows a lake, and what it is held against."""

from datetime import datetime

from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.table import Table

from lake.layout import LakeLayout
from lake.log.snapshot import read_snapshot
from lake.settings import LakeSettings
from lake.storage.object_path import LakePath, ObjectPath
from lake.storage.operations import names_in
from lake.tables.iceberg.table import IcebergTable
from lake.tables.sync import Synced, sync
from tests.unit.lake.tables.following import KEEP_ALL
from tests.unit.lake.tables.iceberg.places import catalog_of, reading


def kept(layout: LakeLayout) -> IcebergTable:
    """The table, as a new process of the platform has it."""
    return IcebergTable(layout, LakeSettings().catalog_uri)


def synced(layout: LakeLayout, keep_from: datetime = KEEP_ALL) -> Synced | None:
    """What a new process does."""
    return sync(layout, kept(layout), keep_from)


def opened(layout: LakeLayout) -> Table:
    """The table as a user of PyIceberg opens it, by PyIceberg's own way of reading files."""
    return _catalog(layout).load_table("kraken.trades")


def _catalog(layout: LakeLayout) -> Catalog:
    return load_catalog("lake", uri=catalog_of(layout), **reading(layout))


def metadata_folder(layout: LakeLayout) -> LakePath:
    """Where its own files are."""
    return layout.base / "_iceberg" / "KRAKEN" / "metadata"


def metadata_names(layout: LakeLayout) -> list[str]:
    """The names of its own files."""
    return sorted(names_in(metadata_folder(layout)))


def assert_like_the_lake(layout: LakeLayout) -> None:
    """The table lists the lake's files, each once, as of the newest commit."""
    snapshot = read_snapshot(layout)
    position = kept(layout).position()
    assert position is not None
    assert position.commit == snapshot.number
    assert paths_in(opened(layout)) == locations(layout, snapshot.files)


def locations(layout: LakeLayout, paths: object) -> list[str]:
    """The addresses of the lake's files, as the table has them."""
    scheme = "" if isinstance(layout.base, ObjectPath) else "file://"
    return sorted(f"{scheme}{layout.base}/{one}" for one in paths)  # type: ignore[attr-defined]


def paths_in(table: Table, snapshot_id: int | None = None) -> list[str]:
    """The files that PyIceberg plans to read, a path for each."""
    return sorted(one.file.file_path for one in table.scan(snapshot_id=snapshot_id).plan_files())
