"""Spark with a Python function that decodes each record with fastavro, and Spark's file sink."""

import io
import json
import urllib.request
from collections.abc import Callable
from typing import Any, Final

import fastavro
from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows it by

from benchmarks.rivals.job import Job
from benchmarks.rivals.spark_source import PARTITIONS, finish, partitions, records, session, start

__all__ = ["main"]

_TRADE: Final = """
    exchange string, symbol string, trade_id long, price decimal(28,10), volume decimal(28,10),
    side string, order_type string, misc string, executed_at timestamp, ingested_at timestamp,
    feed string
"""
_HEADER: Final = 5


def main() -> None:
    """Land the job's records."""
    job = Job.from_argument()
    kafka = records(session("spark-python-udf"), job)
    decode = F.udf(_decoder(job.registry), _TRADE)
    trades = (
        kafka.select(decode("value").alias("trade"))
        .select("trade.*")
        .select("*", *partitions()[:-1])
        .withColumn("symbol", partitions()[-1])
    )
    sink = trades.writeStream.format("parquet").partitionBy(*PARTITIONS)
    finish(start(sink.option("path", str(job.output)).option("compression", "zstd"), job))


def _decoder(registry: str) -> Callable[[bytes], dict[str, Any]]:
    schemas: dict[int, Any] = {}  # filled separately in each of Spark's Python processes

    def look_up(schema_id: int) -> None:
        url = f"{registry}/schemas/ids/{schema_id}"
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - the bench's own
            schemas[schema_id] = fastavro.parse_schema(json.loads(json.load(answer)["schema"]))

    def decode(value: bytes) -> dict[str, Any]:
        schema_id = int.from_bytes(value[1:_HEADER], "big")
        if schema_id not in schemas:
            look_up(schema_id)
        payload = io.BytesIO(value[_HEADER:])
        trade: Any = fastavro.schemaless_reader(payload, schemas[schema_id], None)
        return dict(trade)

    return decode


if __name__ == "__main__":
    main()
