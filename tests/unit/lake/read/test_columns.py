import json
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from typer.testing import CliRunner

import lake
from lake.__main__ import app
from lake.layout import LakeLayout
from lake.log.snapshot import read_snapshot
from tests.unit.lake.lakes import HOUR, compact, land
from tests.unit.lake.minutes import one_a_minute

NEXT_HOUR = HOUR.replace("hour=18", "hour=19")
OLD = ["trade_id", "executed_at", "price", "volume"]


@pytest.fixture
def compacted(layout: LakeLayout) -> LakeLayout:
    """Two files of an old version, one of a new one with a column more, then the old compacted.

    The file with the highest number in its name lacks the column.
    """
    new = one_a_minute(range(61, 71))
    land(layout, one_a_minute(range(1, 31)), one_a_minute(range(31, 61)))
    land(layout, new.append_column("feed", pa.array(["REST"] * 10)), folder=NEXT_HOUR)
    compact(layout)
    newest = max(read_snapshot(layout).files, key=lambda path: path.rpartition("/")[2])
    assert "hour=18" in newest
    return layout


def test_the_schema_is_that_of_all_files_together(compacted: LakeLayout) -> None:
    """Whichever was written last; without the folders' columns."""
    schema = lake.schema(compacted)
    assert schema.names == [*OLD, "feed"]
    assert schema.field("price").type == pa.decimal128(28, 10)
    assert schema.field("executed_at").type == pa.timestamp("us", "UTC")
    assert lake.schema(compacted, at=4) == schema


def test_an_empty_lake_has_no_columns(layout: LakeLayout) -> None:
    """There is no file to have any."""
    assert lake.schema(layout) == pa.schema([])


def test_polars_reads_all_of_it_by_this_schema(compacted: LakeLayout) -> None:
    """Null where a file lacks the column."""
    rows = pl.scan_parquet(
        f"{compacted.trades}/**/*.parquet",
        hive_partitioning=True,
        missing_columns="insert",
        schema=pl.Schema(lake.schema(compacted)),
    ).collect()
    assert (len(rows), rows["feed"].null_count(), set(rows["symbol"])) == (70, 60, {"BTC_USD"})


def test_pyarrow_reads_all_of_it_by_this_schema(compacted: LakeLayout) -> None:
    """A dataset takes its columns from the first file unless it is given others."""
    dataset = ds.dataset(compacted.trades, schema=lake.schema(compacted), format="parquet")
    assert (dataset.count_rows(), dataset.to_table()["feed"].null_count) == (70, 60)


def test_duckdb_reads_all_of_it_by_names(compacted: LakeLayout) -> None:
    """It makes the union itself."""
    with duckdb.connect() as connection:
        count = connection.execute(
            "SELECT count(*), count(feed) FROM read_parquet(?, hive_partitioning = true, "
            "union_by_name = true)",
            [f"{compacted.trades}/**/*.parquet"],
        ).fetchall()
    assert count == [(70, 10)]


def test_a_file_that_compaction_takes_away_is_looked_for_again(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are listed again."""
    land(layout, one_a_minute(range(1, 31)), one_a_minute(range(31, 61)))
    real = lake.read.columns.files
    lists: list[list[str]] = []

    def listed(of: LakeLayout, at: int | None) -> list[str]:
        lists.append(real(of, at))
        if len(lists) == 1:
            compact(layout)
        return lists[-1]

    monkeypatch.setattr(lake.read.columns, "files", listed)
    assert lake.schema(layout).names == OLD
    assert [len(found) for found in lists] == [2, 1]


def test_the_command_shows_columns_and_types(
    compacted: LakeLayout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """For a person and for a program."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(compacted.base))
    listed = json.loads(CliRunner().invoke(app, ["schema", "--json"]).output)
    assert listed[0] == {"name": "trade_id", "type": "int64"}
    assert listed[-1] == {"name": "feed", "type": "string"}
    shown = CliRunner().invoke(app, ["schema"]).output
    assert "decimal128(28, 10)" in shown
    assert "timestamp[us, tz=UTC]" in shown  # rich would read the brackets as markup
