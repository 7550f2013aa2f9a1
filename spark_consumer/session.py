"""The Spark session, with the settings that the lake's guarantees and speed depend on."""

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

from lake.settings import LakeSettings
from spark_consumer.errors import ConnectorsMissing
from spark_consumer.settings import ConsumerSettings

__all__ = ["SparkApplication", "spark_session", "stop_spark"]

_LONGEST_FIELD = 1 << 20
"""Bytes of the longest string or bytes field that Avro may read. Otherwise a corrupt length could
make it allocate up to 2 GB at once, and the task would run out of memory instead of rejecting one
record."""

_AVRO_LIMITS = {
    f"org.apache.avro.limits.{kind}.maxLength": str(_LONGEST_FIELD) for kind in ("string", "bytes")
}

_CONNECTORS = {
    "spark-sql-kafka-0-10": "org.apache.spark.sql.kafka010.KafkaSourceProvider",
    "spark-avro": "org.apache.spark.sql.avro.AvroDataToCatalyst",
}

_FIXED = {
    # Timestamps are instants. Arrow's timestamp columns are in UTC, as the folders' hours are.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # Staging is private until the commit: no success marker, no hidden checksum files.
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
    # A damaged decimal is a bad record, not a failed task.
    "spark.sql.ansi.enabled": "false",
    "spark.executor.extraJavaOptions": " ".join(f"-D{k}={v}" for k, v in _AVRO_LIMITS.items()),
    # Arrow batches end after this many records. For a limit in bytes, Spark 4.1 would sum up the
    # bytes again for each record, a fifth of a task's time. `columns.LONGEST_VALUE` limits the
    # size of decoded values instead.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "10000",
    "spark.sql.execution.arrow.maxBytesPerBatch": str((1 << 31) - 1),
    # If a record is too large for a task, the task must fail without ending Spark's JVM: the batch
    # is then read record by record (docs/adr/0020).
    "spark.executor.killOnFatalError.depth": "0",
    # Records that a consumer has fetched beyond a task's end are kept for the next task, for five
    # minutes by default. The next batch comes sooner or not at all, and a batch that was too large
    # would occupy the memory.
    "spark.kafka.consumer.fetchedData.cache.timeout": "10s",
    "spark.kafka.consumer.fetchedData.cache.evictorThreadRunInterval": "5s",
    # Records go to Python by a Unix socket, without the network stack.
    "spark.python.unix.domain.socket.enabled": "true",
    "spark.ui.showConsoleProgress": "false",
    # The UI's text of a plan is made for each batch; the long form takes a tenth of planning time.
    "spark.sql.ui.explainMode": "simple",
    # Kafka's login is an option of the source: it must not show in plans, the UI or event logs.
    "spark.redaction.regex": "(?i)secret|password|token|access[.]?key|keystore[.]key|jaas",
    "spark.sql.redaction.options.regex": "(?i)url|secret|password|token|keystore[.]key|jaas",
}


class SparkApplication:
    """Spark, started when it is first needed, and stopped at the end of a `with` block.

    Args:
        consumer: the stream's settings.
        lake: the lake's settings.
    """

    def __init__(self, consumer: ConsumerSettings, lake: LakeSettings) -> None:
        self._consumer = consumer
        self._lake = lake
        self._session: SparkSession | None = None

    @property
    def session(self) -> SparkSession:
        """The session; it takes seconds to start.

        Raises:
            ConnectorsMissing: Spark has no Kafka source or no from_avro.
        """
        if self._session is None:
            self._session = spark_session(self._consumer, self._lake)
        return self._session

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._session is not None:
            stop_spark(self._session)


def spark_session(consumer: ConsumerSettings, lake: LakeSettings) -> SparkSession:
    """Start Spark, or take the one that spark-submit started.

    Raises:
        ConnectorsMissing: Spark has no Kafka source or no from_avro.
    """
    # Spark's tasks run Python too: by default this interpreter, with its packages.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # At DEBUG, py4j logs every call with its arguments, Kafka's password among them.
    logging.getLogger("py4j").setLevel(logging.INFO)
    settings: dict[str, bool | float | int | str | None] = {
        **_local_settings(lake),
        **_FIXED,
        "spark.sql.parquet.compression.codec": lake.parquet_compression,
    }
    spark = SparkSession.builder.appName(consumer.spark_app_name).config(map=settings).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    _limit_avro_in_this_jvm(spark)
    _require_connectors(spark)
    return spark


def stop_spark(spark: SparkSession) -> None:
    """Stop Spark; if its JVM has ended already, do nothing."""
    with suppress(Py4JError, OSError):
        spark.stop()


def _local_settings(lake: LakeSettings) -> dict[str, str]:
    """Return the settings for local mode: no open ports, and this project on the workers' path.

    The workers also get the variables that say where an object store is. On a cluster, these are
    the executors' own. Options given to spark-submit take precedence.
    """
    # spark-submit's options are in its JVM: without a connection a SparkConf is empty.
    SparkContext._ensure_initialized()  # noqa: SLF001 - there is no public way before a session
    submitted = SparkConf()
    if not submitted.get("spark.master", "local").startswith("local"):
        return {}
    settings = {
        # Nothing listens on the network.
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        # The UI would listen on every address, whatever the driver binds to.
        "spark.ui.enabled": "false",
        "spark.executorEnv.PYTHONPATH": str(Path(__file__).resolve().parents[1]),
    }
    if lake.layout.is_on_store:
        store = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        settings |= {f"spark.executorEnv.{name}": value for name, value in store.items()}
    return {key: value for key, value in settings.items() if not submitted.contains(key)}


def _limit_avro_in_this_jvm(spark: SparkSession) -> None:
    """Limit Avro in the driver, which decodes in local mode: its JVM runs before this program."""
    for key, value in _AVRO_LIMITS.items():
        _jvm(spark).java.lang.System.setProperty(key, value)


def _require_connectors(spark: SparkSession) -> None:
    loader = _jvm(spark).java.lang.Thread.currentThread().getContextClassLoader()
    for artifact, class_name in _CONNECTORS.items():
        try:
            loader.loadClass(class_name)
        except Py4JJavaError as error:
            packages = (f"org.apache.spark:{name}_2.13:{spark.version}" for name in _CONNECTORS)
            raise ConnectorsMissing(
                f"Spark {spark.version} lacks {artifact}. Run `make setup`, which puts the jars "
                f"beside Spark's own, or submit with --packages {','.join(packages)}"
            ) from error


def _jvm(spark: SparkSession) -> Any:  # noqa: ANN401 - Java's classes have no Python type
    return spark._jvm  # noqa: SLF001 - there is no public way to the JVM
