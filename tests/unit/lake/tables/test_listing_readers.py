"""Readers that merely list the lake's files, beside a table."""

from collections.abc import Callable, Iterator

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from lake.layout import LakeLayout, folder_of
from tests.unit.lake.lakes import AT, land
from tests.unit.lake.tables.trades import synced, trades


def _rows_by_duckdb(layout: LakeLayout) -> int:
    # A connection of its own: on the shared one another test may have left a result unread.
    with duckdb.connect() as connection:
        rows = connection.sql(
            f"FROM read_parquet('{layout.base}/KRAKEN/**/*.parquet', hive_partitioning = true, "
            "union_by_name = true)"
        )
        return rows.shape[0]


def plain_readers() -> Iterator[tuple[str, Callable[[LakeLayout], int]]]:
    """Readers that list the lake's files, as docs/reading-the-lake.md shows them."""
    yield "duckdb", _rows_by_duckdb
    yield (
        "polars",
        lambda layout: (
            pl.scan_parquet(
                f"{layout.base}/KRAKEN/**/*.parquet",
                hive_partitioning=True,
                missing_columns="insert",
                schema=pl.Schema(_widest(layout)),
            )
            .collect()
            .height
        ),
    )
    yield (
        "pyarrow",
        lambda layout: ds.dataset(
            layout.base / "KRAKEN", partitioning=ds.partitioning(flavor="hive")
        ).count_rows(),
    )


def _widest(layout: LakeLayout) -> "pa.Schema":
    files = [pq.read_schema(path) for path in layout.trades.rglob("*.parquet")]
    return pa.unify_schemas(sorted(files, key=len, reverse=True))


@pytest.mark.parametrize(
    "count", [count for _, count in plain_readers()], ids=[name for name, _ in plain_readers()]
)
def test_who_merely_lists_files_sees_no_log(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch, count: Callable[[LakeLayout], int]
) -> None:
    """Each trade once, also beside a checkpoint, which is a Parquet file."""
    monkeypatch.setattr("lake.tables.delta.table.CHECKPOINT_INTERVAL", 1)
    land(layout, trades(1, 3, AT), folder=folder_of(AT, "BTC/USD"))
    synced(layout)
    land(layout, trades(101, 3, AT, feed="WS"), folder=folder_of(AT, "1INCH/USD"))
    synced(layout)
    assert list((layout.base / "_delta_log").glob("*.checkpoint.parquet"))
    assert count(layout) == 6
