from pathlib import Path
from typing import Any

import polars as pl

from spark_consumer.session import spark_session
from spark_consumer.settings import ConsumerSettings
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker

EXPECTED = [(1, "BTC_USD", None), (2, "BTC_USD", "REST")]


def test_every_reader_of_the_readme_reads_across_a_new_column(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """Files landed before a column existed have null there, as DuckDB, Polars and Spark read it."""
    pipeline.send([trades.framed(newest_id, 1, feed="REST")])
    pipeline.land(reader_schema="v1")
    pipeline.send([trades.framed(newest_id, 2, feed="REST")])
    pipeline.land()
    assert pipeline.query("SELECT trade_id, symbol, feed FROM trades ORDER BY ALL") == EXPECTED
    assert polars_rows(pipeline.layout.trades) == EXPECTED
    assert spark_rows(pipeline) == EXPECTED


def polars_rows(folder: Path) -> list[tuple[Any, ...]]:
    """As the README shows it: the columns of the newest file, null where a file lacks one."""
    newest = max(folder.rglob("*.parquet"), key=lambda path: path.name)
    lake = pl.scan_parquet(
        f"{folder}/**/*.parquet",
        hive_partitioning=True,
        schema=pl.read_parquet_schema(newest),
        missing_columns="insert",
    )
    return lake.select("trade_id", "symbol", "feed").sort("trade_id").collect().rows()


def spark_rows(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    """As the README shows it: schemas merged."""
    spark = spark_session(ConsumerSettings(), pipeline.lake)
    try:
        lake = spark.read.option("mergeSchema", "true").parquet(str(pipeline.layout.trades))
        rows = lake.select("trade_id", "symbol", "feed").orderBy("trade_id").collect()
        return [tuple(row) for row in rows]
    finally:
        spark.stop()
