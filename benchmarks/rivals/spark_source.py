"""What the rivals on Spark share: a session, the Kafka source, starting and finishing."""

from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows it by
from pyspark.sql.streaming.query import StreamingQuery

from benchmarks.rivals.job import Job

if TYPE_CHECKING:
    from pyspark.sql.streaming.readwriter import DataStreamWriter

__all__ = ["PARTITIONS", "finish", "partitions", "records", "session", "start"]

PARTITIONS = ("year", "month", "day", "hour", "symbol")


def session(name: str) -> SparkSession:
    """Return a session with the settings of spark-submit."""
    spark = SparkSession.builder.appName(name).getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def records(spark: SparkSession, job: Job, **more: str) -> DataFrame:
    """Return the committed records of the topic, from the first on."""
    options = {
        "kafka.bootstrap.servers": job.servers,
        "kafka.isolation.level": "read_committed",
        "subscribe": job.topic,
        "startingOffsets": "earliest" if job.records is not None else "latest",
        **more,
    }
    if job.batch is not None:
        options["maxOffsetsPerTrigger"] = str(job.batch)
    return spark.readStream.format("kafka").options(**options).load()


def partitions() -> list[Column]:
    """Return the lake's partition columns, computed from the trade's."""
    return [
        F.year("executed_at").alias("year"),
        F.month("executed_at").alias("month"),
        F.day("executed_at").alias("day"),
        F.hour("executed_at").alias("hour"),
        F.translate("symbol", "/", "_").alias("symbol"),
    ]


def start(writer: "DataStreamWriter", job: Job) -> StreamingQuery:
    """Run what there is and end, or run on, batch after batch."""
    writer = writer.option("checkpointLocation", str(job.checkpoint))
    if job.records is not None:
        return writer.trigger(availableNow=True).start()
    return writer.trigger(processingTime="0 seconds").start()


def finish(query: StreamingQuery) -> None:
    """Wait for the end."""
    query.awaitTermination()
