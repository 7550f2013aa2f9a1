"""Spark's own file sink behind from_avro with the newest schema, as Spark's guides show it."""

from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows it by
from pyspark.sql.avro.functions import from_avro

from benchmarks.rivals.job import Job
from benchmarks.rivals.spark_source import PARTITIONS, finish, partitions, records, session, start

__all__ = ["main"]


def main() -> None:
    """Land the job's records."""
    job = Job.from_argument()
    kafka = records(session("spark-file-sink"), job)
    payload = F.expr("substring(value, 6)")
    trades = (
        kafka.select(from_avro(payload, job.newest_schema()).alias("trade"))
        .select("trade.*")
        .select("*", *partitions()[:-1])
        .withColumn("symbol", partitions()[-1])
    )
    sink = trades.writeStream.format("parquet").partitionBy(*PARTITIONS)
    finish(start(sink.option("path", str(job.output)).option("compression", "zstd"), job))


if __name__ == "__main__":
    main()
