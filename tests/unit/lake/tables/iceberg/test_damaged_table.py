"""An Iceberg table that was damaged, removed, or written by another program."""

import shutil

import pyarrow as pa
import pytest
from pyiceberg.manifest import DataFile as Entry
from pyiceberg.manifest import DataFileContent, FileFormat
from pyiceberg.schema import Schema

from lake.errors import TableDamaged
from lake.layout import LakeLayout
from lake.log.commit import DataFile
from lake.log.commit_log import CommitLog
from lake.tables.iceberg.data_files import to_entry
from lake.tables.iceberg.file_io import LocalFiles
from lake.tables.iceberg.locations import to_location
from lake.tables.iceberg.table import IcebergTable
from lake.tables.sync import rebuild, sync
from lake.verify.checks.table_check import check_tables
from lake.verify.result import ProblemKind
from lake.verify.verification import verify
from tests.unit.lake.lakes import HOUR, compact, files, kinds, land
from tests.unit.lake.tables.following import KEEP_ALL, written_when
from tests.unit.lake.tables.iceberg.following import (
    assert_like_the_lake,
    metadata_folder,
    opened,
    synced,
)


def test_a_lake_that_went_back_is_noticed(layout: LakeLayout) -> None:
    """Such as one that was restored from a copy; a rebuilt table is right again."""
    land(layout, range(1, 11), range(11, 21))
    synced(layout)
    CommitLog(layout.commits).path(2).unlink()
    with pytest.raises(TableDamaged, match="holds commit 2, which the lake does not have"):
        synced(layout)
    (problem,) = check_tables(layout)
    assert "It holds commit 2; the lake ends at 1" in problem.advice
    rebuild(layout, IcebergTable(layout), KEEP_ALL)
    assert_like_the_lake(layout)


@pytest.mark.parametrize("damage", [b"{", b'"text"', b"\xff", b'{"format-version":2}', None])
def test_damaged_metadata_is_named(layout: LakeLayout, damage: bytes | None) -> None:
    """With the command that mends it, which needs nothing of what is left."""
    land(layout, range(1, 11))
    synced(layout)
    newest = metadata_folder(layout) / opened(layout).metadata_location.rpartition("/")[2]
    newest.unlink() if damage is None else newest.write_bytes(damage)
    with pytest.raises(TableDamaged, match="--format iceberg --rebuild"):
        synced(layout)
    assert [one.kind for one in check_tables(layout)] == [ProblemKind.WRONG_TABLE]
    assert verify(layout).symbols[0].trades == 10
    rebuild(layout, IcebergTable(layout), KEEP_ALL)
    assert_like_the_lake(layout)


@pytest.mark.parametrize("which", ["snap-*.avro", "*-m0.avro"])
@pytest.mark.parametrize("damage", [b"", b"Obj\x01 half", None])
def test_a_damaged_manifest_is_named(layout: LakeLayout, which: str, damage: bytes | None) -> None:
    """As soon as it is needed: by a merge, and by a verification."""
    land(layout, range(1, 11), range(11, 21))
    synced(layout)
    (path,) = metadata_folder(layout).glob(which)
    path.unlink() if damage is None else path.write_bytes(damage)
    compact(layout)
    with pytest.raises(TableDamaged, match="--format iceberg --rebuild"):
        synced(layout)
    assert ProblemKind.WRONG_TABLE in kinds(layout)
    rebuild(layout, IcebergTable(layout), KEEP_ALL)
    assert_like_the_lake(layout)
    assert kinds(layout) == set()


def test_a_rebuilt_table_begins_anew(layout: LakeLayout) -> None:
    """With another id; the lake's files are as they were."""
    land(layout, range(1, 11), range(11, 21))
    synced(layout)
    before, in_lake = opened(layout).metadata.table_uuid, written_when(layout)
    done = rebuild(layout, IcebergTable(layout), KEEP_ALL)
    assert (done.position.version, done.position.commit, done.added) == (1, 2, 2)
    assert opened(layout).metadata.table_uuid != before
    assert_like_the_lake(layout)
    assert written_when(layout) == in_lake


@pytest.mark.parametrize("how", ["rebuilt", "dropped"])
def test_a_new_table_is_the_only_one_in_its_folder(layout: LakeLayout, how: str) -> None:
    """Some readers take the metadata with the highest number, which would be the old table's."""
    for first in range(1, 41, 10):
        land(layout, range(first, first + 10))
        synced(layout)
    if how == "rebuilt":
        rebuild(layout, IcebergTable(layout), KEEP_ALL)
    else:
        opened(layout).catalog.drop_table("kraken.trades")
        synced(layout)
    highest = max(metadata_folder(layout).glob("*.metadata.json"))
    assert opened(layout).metadata_location == to_location(highest)
    assert_like_the_lake(layout)


def test_a_table_that_vanishes_is_missed_by_whoever_keeps_it(layout: LakeLayout) -> None:
    """Somebody removed it on purpose, or by mistake; a new process makes it anew."""
    land(layout, range(1, 11))
    table = IcebergTable(layout)
    sync(layout, table, KEEP_ALL)
    opened(layout).catalog.drop_table("kraken.trades")
    with pytest.raises(TableDamaged, match="does not have it any more"):
        sync(layout, table, KEEP_ALL)
    assert synced(layout) is not None
    assert_like_the_lake(layout)


def test_a_table_that_was_rebuilt_by_another_is_read_anew(layout: LakeLayout) -> None:
    """A process that knew the old one must not go on with its columns and numbers."""
    land(layout, range(1, 11))
    table = IcebergTable(layout)
    sync(layout, table, KEEP_ALL)
    rebuild(layout, IcebergTable(layout), KEEP_ALL)
    land(layout, range(11, 21))
    done = sync(layout, table, KEEP_ALL)
    assert done is not None
    assert done.position.version == 2
    assert_like_the_lake(layout)


def test_what_another_program_wrote_is_put_right(layout: LakeLayout) -> None:
    """Rows that it added leave the table, and files that it deleted come back."""
    land(layout, range(1, 11), range(11, 21))
    synced(layout)
    table = opened(layout)
    (gone, _) = [task.file for task in table.scan().plan_files()]
    theirs = Entry.from_args(
        content=DataFileContent.DATA,
        file_path="s3://theirs/a.parquet",
        file_format=FileFormat.PARQUET,
        partition=gone.partition,
        record_count=7,
        file_size_in_bytes=1,
    )
    with table.transaction() as changing, changing.update_snapshot().overwrite() as change:
        change.delete_data_file(gone)
        change.append_data_file(theirs)
    assert opened(layout).scan().count() == 17
    done = synced(layout)
    assert done is not None
    assert (done.commits, done.added, done.removed) == (None, 1, 1)
    assert_like_the_lake(layout)
    assert all(path.exists() for path in files(layout))


def test_a_table_of_another_program_is_left_alone(layout: LakeLayout) -> None:
    """It has the name that ours would have, and only the user knows whose it is."""
    land(layout, range(1, 11))
    synced(layout)
    catalog = opened(layout).catalog
    catalog.drop_table("kraken.trades")
    catalog.create_table(
        "kraken.trades", pa.schema([("x", pa.int64())]), location=f"file://{layout.base}/x"
    )
    with pytest.raises(TableDamaged, match="another program's table"):
        synced(layout)


def test_a_lake_that_was_moved_is_named(layout: LakeLayout) -> None:
    """The table names its files by absolute paths, and readers would look in the old place."""
    land(layout, range(1, 11))
    synced(layout)
    moved = LakeLayout(layout.base.with_name("moved"), "KRAKEN")
    layout.base.rename(moved.base)
    with pytest.raises(TableDamaged, match="--rebuild"):
        synced(moved)
    rebuild(moved, IcebergTable(moved), KEEP_ALL)
    assert_like_the_lake(moved)


def test_verify_holds_the_table_against_the_log(layout: LakeLayout) -> None:
    """A table like the lake is whole, also when it is behind."""
    land(layout, range(1, 11), range(11, 21))
    synced(layout)
    assert kinds(layout) == set()
    land(layout, range(21, 31))
    compact(layout)
    assert list(check_tables(layout)) == []


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("rows", 7, "has 10 rows, 7 in the table"),
        ("bytes", 1, "1 in the table"),
        ("path", f"KRAKEN/{HOUR}/other.parquet", "is missing in the table"),
    ],
)
def test_verify_names_what_differs(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch, field: str, value: object, said: str
) -> None:
    """Rows, size and place: readers would believe the table."""
    land(layout, range(1, 11))

    def wrong(layout: LakeLayout, file: DataFile, schema: Schema, spec_id: int) -> Entry:
        return to_entry(layout, file.model_copy(update={field: value}), schema, spec_id)

    monkeypatch.setattr("lake.tables.iceberg.snapshots.to_entry", wrong)
    synced(layout)
    found = [f"{one.where}: {one.advice}" for one in check_tables(layout)]
    assert any(said in one for one in found), found


def test_no_data_file_is_removed_by_the_tables_io(layout: LakeLayout) -> None:
    """Whatever is asked of PyIceberg, such as to purge the table."""
    land(layout, range(1, 11))
    synced(layout)
    (path,) = files(layout)
    with pytest.raises(PermissionError, match="no table may remove"):
        LocalFiles().delete(to_location(path))
    assert path.exists()


def test_the_catalog_of_a_folder_that_was_removed(layout: LakeLayout) -> None:
    """The documented way to be rid of the table, or to begin anew."""
    land(layout, range(1, 11))
    synced(layout)
    shutil.rmtree(layout.base / "_iceberg")
    assert list(check_tables(layout)) == []
    assert synced(layout) is not None
    assert_like_the_lake(layout)
