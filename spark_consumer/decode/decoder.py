"""Sorts Kafka's records into trades and others: DataFrame in, DataFrame out, no I/O.

Three projections, one after the other: Kafka's columns and the decoded value, then the fields of
the event, then whether it is a trade. Their columns are built once per plan and kept few: passing
one column to Spark's JVM takes as long as decoding some hundred records.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows it by

from schemas.avro.wire import SchemaName
from spark_consumer.decode import columns
from spark_consumer.decode.decoding_plan import DecodingPlan
from spark_consumer.decode.event_columns import decoded_columns, event_columns
from spark_consumer.decode.framing import IDENTIFIER, framing_columns, is_identifier, names_one_of
from spark_consumer.decode.names import IS_TRADE, NOTED_HEADER
from spark_consumer.decode.text import text_conditions
from spark_consumer.decode.time_bounds import bounds_of_other_times

__all__ = ["Decoder"]

_KAFKA_COLUMNS = ("topic", "partition", "offset", "timestamp", "key", "value", "headers")
_JUDGED_BY = ("timestamp", "value")
"""The columns that are needed to decide whether a record is a trade."""


@dataclass(frozen=True)
class Decoder:
    """Decodes by one plan, and checks one set of rules.

    Attributes:
        plan: the known schemas.
        rules: the rules that a trade must satisfy.
    """

    plan: DecodingPlan
    rules: columns.Rules

    def decoded(self, kafka: DataFrame) -> DataFrame:
        """Return Kafka's columns (`kafka-offset` …), the reader schema's fields, and the guard.

        Args:
            kafka: the columns of Spark's Kafka source, including the headers.
        """
        return self._opened(kafka, _KAFKA_COLUMNS).select(*_names(_KAFKA_COLUMNS), *self._event)

    def judged(self, kafka: DataFrame) -> DataFrame:
        """Return one struct: the event's fields, `IS_TRADE` and `NOTED_HEADER`."""
        decoded = self._opened(kafka, _JUDGED_BY)
        return decoded.select(*_names(_JUDGED_BY), *self._event).select(self._record)

    def rejected(self, kafka: DataFrame) -> DataFrame:
        """Return the records that are not trades, with the quarantine's columns and the reason."""
        judged = self.decoded(kafka).withColumn(IS_TRADE, self._is_trade)
        # Spark would push the filter below from_avro and decode again for each rule. It does not
        # push a filter past a count.
        counted = judged.observe("judged", F.count(F.lit(1)))
        return counted.filter(~F.col(IS_TRADE)).select(*self._complaint)

    def _opened(self, kafka: DataFrame, names: Sequence[str]) -> DataFrame:
        """Return some of Kafka's columns, the schema's identifier, and the decoded values."""
        apart = kafka.select(*_renamed(names), *framing_columns())
        return apart.select(*_names(names), IDENTIFIER, *self._decoded)

    @cached_property
    def _decoded(self) -> list[Column]:
        return decoded_columns(self.plan)

    @cached_property
    def _event(self) -> list[Column]:
        return [F.col(IDENTIFIER), *event_columns(self.plan)]

    @cached_property
    def _texts(self) -> list[str]:
        return text_conditions(self.plan.reader)

    @property
    def _plain_names(self) -> list[SchemaName]:
        """The names of schemas that need no note: they are known and lose no field."""
        known = {*self.plan.writers, *self.plan.refused} - self.plan.left_out.keys()
        return self.plan.names_of(known)

    @cached_property
    def _is_trade(self) -> Column:
        """Whether it decoded to the last byte, all text is UTF-8 and all rules hold; never null."""
        texts = columns.is_text(self._texts)
        exact = F.col(columns.INEXACT_FIELD).isNull()
        kept = columns.keeps(self._rules)
        return F.coalesce(columns.is_whole() & texts & exact & kept, F.lit(False))

    @cached_property
    def _rules(self) -> columns.Rules:
        return {**self.rules, **bounds_of_other_times(self.plan.reader, self.rules)}

    @cached_property
    def _record(self) -> Column:
        fields = [field["name"] for field in json.loads(self.plan.reader)["fields"]]
        noted = F.when(~names_one_of(self._plain_names) & is_identifier(), F.col(IDENTIFIER))
        verdict = [self._is_trade.alias(IS_TRADE), noted.alias(NOTED_HEADER)]
        return F.struct(*fields, *verdict).alias("record")

    @cached_property
    def _complaint(self) -> list[Column]:
        reason = columns.reason(self.plan, self._texts)
        return [
            reason.alias("reason"),
            columns.detail(self.plan, reason, self._rules).alias("detail"),
            *(F.col(columns.kafka(name)).alias(name) for name in _KAFKA_COLUMNS),
        ]


def _renamed(names: Iterable[str]) -> list[Column]:
    """Rename Kafka's columns to names that no field of an event has."""
    return [F.col(name).alias(columns.kafka(name)) for name in names]


def _names(names: Iterable[str]) -> list[str]:
    """Return these new names."""
    return [columns.kafka(name) for name in names]
