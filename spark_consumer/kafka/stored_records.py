"""Reads records from Parquet files in place of Kafka: what was spooled, and the quarantine."""

from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from lake.storage.object_path import LakePath, ObjectPath, lake_path
from lake.storage.operations import parquet_source

__all__ = ["read_records"]

_ROWS: Final = 1_000
"""Rows of a batch: records may be large."""


def read_records(spark: SparkSession, files: Sequence[LakePath]) -> DataFrame:
    """Return the records of files that have the same columns; there is at least one.

    From an object store each task reads its files itself, as it writes them: Spark has no file
    system for stores unless one is installed.
    """
    if not isinstance(files[0], ObjectPath):
        return spark.read.parquet(*map(str, files))
    columns = from_arrow_schema(pq.read_schema(parquet_source(files[0])))
    names = spark.createDataFrame([(str(file),) for file in files], "file string")
    return names.repartition(len(files)).mapInArrow(_records, columns)


def _records(batches: Iterator["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
    for batch in batches:
        for name in batch.column("file").to_pylist():
            yield from pq.ParquetFile(parquet_source(lake_path(str(name)))).iter_batches(_ROWS)
