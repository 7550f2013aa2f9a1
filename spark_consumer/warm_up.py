"""Warms Spark up before a takeover: it decodes and stages the topic's newest records once.

The first batch of a fresh process takes seconds, most of them for loading and compiling Java
classes and for starting Python. What is staged here is dropped.
"""

from typing import Final

import structlog
from pyspark.sql import SparkSession

from lake.log.source_state import SourceState
from lake.storage.object_path import LakePath
from runtime.settings import KafkaSettings
from spark_consumer.kafka.record_spool import remove_spooled
from spark_consumer.kafka.source import read_range
from spark_consumer.spark_errors import SPARK_ERRORS, reason_of
from spark_consumer.write.batch_writer import BatchWriter

__all__ = ["warm_up"]

log = structlog.get_logger(__name__)

_NEWEST: Final = 200
"""Records per partition."""


def warm_up(
    spark: SparkSession,
    settings: KafkaSettings,
    topic: SourceState,
    batch_writer: BatchWriter,
    folder: LakePath,
) -> None:
    """Decode the newest records and stage them in `folder`, which is removed afterwards.

    A failure is logged only: the stream meets the same records in their turn, and knows what to do.
    """
    start = {at: max(topic.earliest[at], end - _NEWEST) for at, end in topic.latest.items()}
    try:
        records = read_range(spark, settings, start, topic.latest).coalesce(1)
        staged = batch_writer.stage(records, lambda: folder)
        log.info("warmed up", trades=staged.trades)
    except SPARK_ERRORS as error:
        log.warning("the warm-up failed", reason=reason_of(error))
    finally:
        remove_spooled(folder)
