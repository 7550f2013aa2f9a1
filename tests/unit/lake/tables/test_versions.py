"""Versions of the table, and who may write one; read with deltalake 1.6.6."""

import pytest

from lake.layout import LakeLayout, folder_of
from lake.log.snapshot import read_snapshot
from lake.tables.delta.table import DeltaTable
from tests.unit.lake.lakes import AT, land
from tests.unit.lake.tables.trades import synced, trades

deltalake = pytest.importorskip("deltalake")


def test_a_later_column_is_in_the_table_from_its_version_on(layout: LakeLayout) -> None:
    """And before it the table is as it was, under the same id."""
    land(layout, trades(1, 3, AT), folder=folder_of(AT, "BTC/USD"))
    synced(layout)
    land(layout, trades(11, 3, AT, feed="WS"), folder=folder_of(AT, "BTC/USD"))
    synced(layout)
    before = deltalake.DeltaTable(str(layout.base), version=0)
    after = deltalake.DeltaTable(str(layout.base))
    assert "feed" not in [field.name for field in before.schema().fields]
    assert "feed" in [field.name for field in after.schema().fields]
    assert before.metadata().id == after.metadata().id
    assert before.to_pyarrow_table().num_rows == 3
    assert after.to_pyarrow_table().num_rows == 6


def test_the_lake_as_of_a_commit(layout: LakeLayout) -> None:
    """The version that a commit maps to has the trades of that commit, and names it."""
    for number in range(4):
        land(layout, trades(10 * number + 1, 3, AT), folder=folder_of(AT, "BTC/USD"))
        synced(layout)
    newest = deltalake.DeltaTable(str(layout.base))
    commits = {one["version"]: one["lakeCommit"] for one in newest.history()}
    for commit in (1, 2, 3, 4):
        found = DeltaTable(layout).version_at(commit)
        assert found is not None
        table = deltalake.DeltaTable(str(layout.base), version=found.version)
        assert table.transaction_version("kraken-lake/KRAKEN") == commit
        assert table.to_pyarrow_table().num_rows == 3 * commit
        assert commits[found.version] == commit


def test_no_other_program_may_write(layout: LakeLayout) -> None:
    """Nor tidy: an OPTIMIZE would copy the rows, a VACUUM would delete files of the lake."""
    land(layout, trades(1, 3, AT), trades(11, 3, AT), folder=folder_of(AT, "BTC/USD"))
    synced(layout)
    # Not in the table yet, and old: what a full vacuum is after.
    land(layout, trades(21, 3, AT), folder=folder_of(AT, "1INCH/USD"))
    paths = {layout.base / path for path in read_snapshot(layout).files}
    table = deltalake.DeltaTable(str(layout.base))
    refused = deltalake.exceptions.CommitFailedError
    with pytest.raises(refused, match="writtenByKrakenLakeOnly"):
        table.optimize.compact()
    with pytest.raises(refused, match="writtenByKrakenLakeOnly"):
        deltalake.write_deltalake(table, trades(31, 3, AT), mode="append", schema_mode="merge")
    with pytest.raises(refused, match="writtenByKrakenLakeOnly"):
        table.vacuum(0, dry_run=False, enforce_retention_duration=False, full=True)
    assert table.vacuum(dry_run=False, full=True) == []
    assert all(path.exists() for path in paths)
    assert DeltaTable(layout).position() == DeltaTable(layout).version_at(99)
