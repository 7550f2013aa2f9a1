"""From Kafka's records to trades and to what is none: DataFrame in, DataFrame out, no I/O.

Three projections, one on the other: Kafka's columns and the decoded value, the fields of the event
beside them, and the verdict. What they project is made once a plan, and is as few columns as can
be: each one that is handed over to Spark's JVM takes as long as some hundred records.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows it by

from spark_consumer import columns
from spark_consumer.schema_book import DecodingPlan
from spark_consumer.staging_task import IS_TRADE, UNSEEN_HEADER
from spark_consumer.time_bounds import bounds_of_other_times

__all__ = ["Decoder"]

_KAFKA_COLUMNS = ("topic", "partition", "offset", "timestamp", "key", "value", "headers")
_JUDGED_BY = ("timestamp", "value")
"""What of them tells whether a record is a trade."""

_DECODED = "decoded_"
"""Column: the event as a struct, until its fields are columns."""


@dataclass(frozen=True)
class Decoder:
    """Decodes by one plan, and judges by one set of rules.

    Attributes:
        plan: the schemas known.
        rules: what a trade must keep.
    """

    plan: DecodingPlan
    rules: columns.Rules

    def decoded(self, kafka: DataFrame) -> DataFrame:
        """Kafka's columns as `kafka_offset` and so on, the fields of the reader schema, the guard.

        Args:
            kafka: the columns of Spark's Kafka source, its headers among them.
        """
        return kafka.select(*self._with_all).select("*", f"{_DECODED}.*").drop(_DECODED)

    def judged(self, kafka: DataFrame) -> DataFrame:
        """One struct: the event's fields, whether it is a trade, the header of an unknown id."""
        decoded = kafka.select(*self._with_what_judges).select("*", f"{_DECODED}.*")
        return decoded.select(self._record)

    def rejected(self, kafka: DataFrame) -> DataFrame:
        """What is no trade, with the quarantine's columns: as Kafka gave it, and why it is none."""
        judged = self.decoded(kafka).withColumn(IS_TRADE, self._is_trade)
        # Spark pushes a filter below from_avro, and decodes anew for each rule; not past a count.
        counted = judged.observe("judged", F.count(F.lit(1)))
        return counted.filter(f"NOT {IS_TRADE}").select(*self._complaint)

    @cached_property
    def _with_all(self) -> list[Column]:
        return [*_renamed(_KAFKA_COLUMNS), self._event]

    @cached_property
    def _with_what_judges(self) -> list[Column]:
        return [*_renamed(_JUDGED_BY), self._event]

    @property
    def _event(self) -> Column:
        return columns.trade(self.plan, F.col("value")).alias(_DECODED)

    @cached_property
    def _texts(self) -> list[str]:
        return columns.text_fields(self.plan.reader)

    @cached_property
    def _is_trade(self) -> Column:
        """Decoded to the last byte, real text, and keeping every rule; never null."""
        texts = columns.is_text(self._texts)
        return F.coalesce(columns.is_whole() & texts & columns.keeps(self._rules), F.lit(False))

    @cached_property
    def _rules(self) -> columns.Rules:
        return {**self.rules, **bounds_of_other_times(self.plan.reader, self.rules)}

    @cached_property
    def _record(self) -> Column:
        fields = [field["name"] for field in json.loads(self.plan.reader)["fields"]]
        unseen = F.when(columns.has_id_beyond(self.plan.writers), columns.schema_header())
        verdict = [self._is_trade.alias(IS_TRADE), unseen.alias(UNSEEN_HEADER)]
        return F.struct(*fields, *verdict).alias("record")

    @cached_property
    def _complaint(self) -> list[Column]:
        reason = columns.reason(self.plan, self._texts)
        return [
            reason.alias("reason"),
            columns.detail(reason, self._rules).alias("detail"),
            *(F.col(f"kafka_{name}").alias(name) for name in _KAFKA_COLUMNS),
        ]


def _renamed(names: Iterable[str]) -> list[Column]:
    """Kafka's columns under names that no field of an event has."""
    return [F.col(name).alias(f"kafka_{name}") for name in names]
