"""From Kafka's records to the lake's rows: DataFrame in, DataFrame out, no I/O."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows it by

from lake.layout import PARTITION_COLUMNS
from spark_consumer import columns
from spark_consumer.schema_book import DecodingPlan

__all__ = [
    "filter_rejected",
    "filter_trades",
    "select_quarantine",
    "select_trades",
    "with_kafka_names",
    "with_trade",
    "with_verdict",
]

_KAFKA_COLUMNS = ("topic", "partition", "offset", "timestamp", "key", "value", "headers")
_PREFIXED = tuple(f"kafka_{name}" for name in _KAFKA_COLUMNS)
_INTERNAL = (columns.GUARD_FIELD, "is_trade")


def with_kafka_names(kafka: DataFrame) -> DataFrame:
    """Kafka's columns under names that no field of an event has."""
    pairs = zip(_KAFKA_COLUMNS, _PREFIXED, strict=True)
    return kafka.select(*(F.col(name).alias(prefixed) for name, prefixed in pairs))


def with_trade(records: DataFrame, plan: DecodingPlan) -> DataFrame:
    """Add the fields of the reader schema, and the guard."""
    return records.withColumn("trade", columns.trade(plan)).select(*_PREFIXED, "trade.*")


def with_verdict(records: DataFrame, rules: columns.Rules) -> DataFrame:
    """Add `is_trade`, never null: decoded to the last byte, real text, and keeping every rule."""
    texts = columns.is_text(_text_fields(records))
    verdict = columns.is_whole() & texts & columns.keeps(rules)
    return records.withColumn("is_trade", F.coalesce(verdict, F.lit(False)))


def filter_trades(records: DataFrame) -> DataFrame:
    """What goes into the lake."""
    return records.filter("is_trade")


def filter_rejected(records: DataFrame) -> DataFrame:
    """What goes into quarantine."""
    return records.filter("NOT is_trade")


def select_trades(records: DataFrame) -> DataFrame:
    """The lake's columns: those of the event, with the symbol as its folder's name says it.

    Sorted within each task by folder, then trade_id: one file a folder, and in it the order in
    which trade ids compress best.
    """
    event = [name for name in records.columns if name not in {*_PREFIXED, *_INTERNAL, "symbol"}]
    return records.select(
        *event,
        F.year("executed_at").alias("year"),
        F.month("executed_at").alias("month"),
        F.day("executed_at").alias("day"),
        F.hour("executed_at").alias("hour"),
        F.translate("symbol", "/", "_").alias("symbol"),
    ).sortWithinPartitions(*PARTITION_COLUMNS, "trade_id")


def select_quarantine(records: DataFrame, plan: DecodingPlan, rules: columns.Rules) -> DataFrame:
    """The quarantine's columns: the record as Kafka gave it, and why it is no trade."""
    reason = columns.reason(plan, _text_fields(records))
    return records.select(
        reason.alias("reason"),
        columns.detail(reason, rules).alias("detail"),
        *(F.col(f"kafka_{name}").alias(name) for name in _KAFKA_COLUMNS),
    )


def _text_fields(records: DataFrame) -> list[str]:
    """The event's string fields."""
    return [name for name, kind in records.dtypes if kind == "string" and name not in _PREFIXED]
