from datetime import timedelta
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds

import lake
from lake.layout import LakeLayout
from spark_consumer.session import spark_session
from spark_consumer.settings import ConsumerSettings
from tests.integration.spark_consumer.conftest import FIRST_TRADE_AT, Pipeline, TradeMaker
from tests.unit.lake.lakes import compact

EXPECTED = [(1, "BTC_USD", None), (2, "BTC_USD", None), (3, "BTC_USD", "REST")]


def test_every_reader_of_the_guide_reads_across_a_new_column(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """Files landed before a column existed have null there, also after they were compacted.

    Compaction gives the files with the old columns the highest names.
    """
    pipeline.send([trades.framed(newest_id, 1, feed="REST")])
    pipeline.land(reader_schema="v1")
    pipeline.send([trades.framed(newest_id, 2, feed="REST")])
    pipeline.land(reader_schema="v1")
    later = FIRST_TRADE_AT + timedelta(hours=1)
    pipeline.send([trades.framed(newest_id, 3, feed="REST", executed_at=later)])
    pipeline.land()
    assert len(compact(pipeline.layout)) == 1
    assert pipeline.query("SELECT trade_id, symbol, feed FROM trades ORDER BY ALL") == EXPECTED
    assert polars_rows(pipeline.layout) == EXPECTED
    assert arrow_rows(pipeline.layout) == EXPECTED
    assert spark_rows(pipeline) == EXPECTED


def polars_rows(layout: LakeLayout) -> list[tuple[Any, ...]]:
    """As docs/reading-the-lake.md shows it: all columns, null where a file lacks one."""
    trades = pl.scan_parquet(
        f"{layout.trades}/**/*.parquet",
        hive_partitioning=True,
        schema=pl.Schema(lake.schema(layout)),
        missing_columns="insert",
    )
    return trades.select("trade_id", "symbol", "feed").sort("trade_id").collect().rows()


def arrow_rows(layout: LakeLayout) -> list[tuple[Any, ...]]:
    """A dataset of pyarrow's own, by the same columns."""
    partitions = ds.partitioning(flavor="hive")
    schema = lake.schema(layout).append(pa.field("symbol", pa.string()))
    trades = ds.dataset(layout.trades, schema=schema, format="parquet", partitioning=partitions)
    rows = trades.to_table(columns=["trade_id", "symbol", "feed"]).sort_by("trade_id")
    return [tuple(row.values()) for row in rows.to_pylist()]


def spark_rows(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    """As docs/reading-the-lake.md shows it: schemas merged."""
    spark = spark_session(ConsumerSettings(), pipeline.lake)
    try:
        trades = spark.read.option("mergeSchema", "true").parquet(str(pipeline.layout.trades))
        rows = trades.select("trade_id", "symbol", "feed").orderBy("trade_id").collect()
        return [tuple(row) for row in rows]
    finally:
        spark.stop()
