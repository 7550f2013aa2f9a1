"""Columns of a Kafka record: its header, its trade, and why it is no trade.

Pure functions. All but `decoded` expect the columns that `Decoder.decoded` gives. Those that are
none of the event have a hyphen in their names, which no name of Avro's has: whatever a schema calls
its fields, it meets none of them.
"""

import re
from collections.abc import Iterable, Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows it by
from pyspark.sql.avro.functions import from_avro

import spark_consumer.text
from schemas.wire import HEADER_LENGTH, MAGIC_BYTE, frame
from spark_consumer.decoding_plan import DecodingPlan
from spark_consumer.guard import GUARD, guarded
from spark_consumer.reasons import Reason
from spark_consumer.record_bounds import CUT_HEADER, KEPT_BYTES

__all__ = [
    "GUARD_FIELD",
    "INEXACT_FIELD",
    "LONGEST_VALUE",
    "Rules",
    "decoded",
    "detail",
    "has_id_beyond",
    "has_known_id",
    "is_text",
    "is_whole",
    "kafka",
    "keeps",
    "nothing_decoded",
    "reason",
    "schema_header",
    "text_fields",
]

Rules = Mapping[str, str]
"""Conditions that a trade must keep: a name, and SQL over its fields and Kafka's columns."""

GUARD_FIELD = "decoded-guard"
"""Column: the guard as it came back, null where the record could not be decoded."""

INEXACT_FIELD = "decoded-inexact"
"""Column: the first field whose value its column cannot hold exactly; null for none."""

_GUID_MAGIC_BYTE = 1

VALUE = "kafka-value"

LONGEST_VALUE = 16_384
"""Bytes of the longest value that is decoded; a trade has some sixty. Python gets ten thousand
decoded records at a time, and its memory must not be the sender's to fill."""

_TO_THE_END = (1 << 31) - 1


def schema_header(value: Column | str = VALUE) -> Column:
    """The first five bytes of the value, magic byte and schema id, as binary."""
    return F.substring(value, 1, HEADER_LENGTH)


def has_known_id(ids: Iterable[int]) -> Column:
    """Whether the value's header names one of these schema ids; never null."""
    headers = [F.lit(frame(schema_id, b"")) for schema_id in ids]
    return F.coalesce(schema_header().isin(headers), F.lit(False)) if headers else F.lit(False)


def has_id_beyond(ids: Iterable[int]) -> Column:
    """Whether the value is framed as ours are and names none of these schema ids; never null."""
    framed = F.substring(VALUE, 1, 1) == F.lit(bytes([MAGIC_BYTE]))
    long_enough = F.length(VALUE) >= HEADER_LENGTH
    return F.coalesce(framed & long_enough, F.lit(False)) & ~has_known_id(ids)


def kafka(name: str) -> str:
    """The name that one of Kafka's columns has beside those of an event."""
    return f"kafka-{name}"


def decoded(writers: Mapping[int, str], readings: Mapping[int, str], value: Column) -> Column:
    """The value decoded by the schema that its header names: a struct of event and guard.

    Null, or all of it null, where that cannot be done or the value is too long.

    Args:
        writers: the writer schemas, by registry id.
        readings: the schema that each is read into; all of them give the same columns.
        value: Kafka's value.
    """
    payload = F.concat(F.substring(value, HEADER_LENGTH + 1, _TO_THE_END), F.lit(GUARD))
    return _first_of(
        (
            (schema_header(value) == F.lit(frame(schema_id, b"")))
            & (F.length(value) <= LONGEST_VALUE),
            from_avro(
                payload,
                guarded(writer, for_writing=True),
                {"avroSchema": guarded(readings[schema_id]), "mode": "PERMISSIVE"},
            ),
        )
        for schema_id, writer in sorted(writers.items())
    )


def nothing_decoded(reader: str, value: Column) -> Column:
    """What `decoded` gives where no schema is known: the same columns, all null."""
    options = {"avroSchema": guarded(reader), "mode": "PERMISSIVE"}
    return F.when(F.lit(False), from_avro(value, guarded(reader, for_writing=True), options))


def is_whole() -> Column:
    """Whether the record was decoded, and to its last byte; null counts as no."""
    return F.col(GUARD_FIELD) == F.lit(GUARD)


def is_text(texts: Iterable[str]) -> Column:
    """Whether all text is UTF-8, by the conditions that `text_fields` gives; never null."""
    valid = F.lit(True)
    for condition in texts:
        valid = valid & F.expr(condition)
    return valid


def text_fields(schema: str) -> list[str]:
    """For each field of an Avro record that holds text the condition that it is UTF-8, in SQL."""
    return spark_consumer.text.text_conditions(schema)


def keeps(rules: Rules) -> Column:
    """Whether the trade keeps every rule."""
    kept = F.lit(True)
    for condition in rules.values():
        kept = kept & _condition(condition)
    return kept


def detail(plan: DecodingPlan, reason: Column, rules: Rules) -> Column:
    """What a reason is about: the first rule broken, or the schema and its id; else null."""
    broken = [
        F.when(~F.coalesce(_condition(condition), F.lit(False)), name)
        for name, condition in rules.items()
    ]
    schema_id = F.conv(F.hex(F.substring(VALUE, 2, HEADER_LENGTH - 1)), 16, 10)
    by_id = [Reason.UNKNOWN_SCHEMA_ID.value, Reason.FOREIGN_SCHEMA_ID.value]
    told = F.when(reason == Reason.RULE_BROKEN.value, F.coalesce(*broken, F.lit(None)))
    for foreign, subject in plan.foreign_subjects.items():
        told = told.when(
            (reason == Reason.FOREIGN_SCHEMA_ID.value) & has_known_id([foreign]),
            F.lit(f"schema id {foreign} of {subject}"),
        )
    told = told.when(reason.isin(by_id), F.concat(F.lit("schema id "), schema_id))
    told = told.when(reason == Reason.TOO_LARGE.value, _cut_note())
    told = told.when(
        reason == Reason.INEXACT.value, F.concat(F.lit("field "), F.col(INEXACT_FIELD))
    )
    for refused, sentence in plan.refused.items():
        told = told.when(
            (reason == Reason.REFUSED_SCHEMA.value) & has_known_id([refused]), F.lit(sentence)
        )
    return told


def reason(plan: DecodingPlan, texts: Iterable[str]) -> Column:
    """Why the record is no trade, as a `Reason`'s value; meaningless for one that is."""
    value = F.col(VALUE)
    first_byte = F.substring(VALUE, 1, 1)
    # Only of a value that is none: nobody's header keeps a good one from landing.
    no_value = F.coalesce(F.length(value), F.lit(0)) == 0
    faults = {
        Reason.TOO_LARGE: _cut_note().isNotNull() & (no_value | (F.length(value) == KEPT_BYTES)),
        Reason.EMPTY_VALUE: no_value,
        Reason.GUID_FRAMING: first_byte == F.lit(bytes([_GUID_MAGIC_BYTE])),
        Reason.NO_MAGIC_BYTE: first_byte != F.lit(bytes([MAGIC_BYTE])),
        Reason.TOO_SHORT: F.length(value) < HEADER_LENGTH,
        Reason.TOO_LONG: F.length(value) > LONGEST_VALUE,
        Reason.FOREIGN_SCHEMA_ID: has_known_id(plan.foreign),
        Reason.REFUSED_SCHEMA: has_known_id(plan.refused),
        Reason.UNKNOWN_SCHEMA_ID: ~has_known_id(plan.writers),
        Reason.UNDECODABLE: F.col(GUARD_FIELD).isNull(),
        Reason.BYTES_LEFT_OVER: ~is_whole(),
        Reason.NO_TEXT: ~is_text(texts),
        Reason.INEXACT: F.col(INEXACT_FIELD).isNotNull(),
    }
    first_fault = _first_of((found, F.lit(name.value)) for name, found in faults.items())
    return first_fault.otherwise(Reason.RULE_BROKEN.value)


def _cut_note() -> Column:
    """What differs from what was sent, where the record was read record by record; else null."""
    added = F.filter(kafka("headers"), lambda header: header["key"] == CUT_HEADER)
    return F.element_at(added, -1)["value"].cast("string")


def _first_of(cases: Iterable[tuple[Column, Column]]) -> Column:
    """CASE WHEN with any number of branches, in their order."""
    (condition, value), *others = cases
    chain = F.when(condition, value)
    for condition, value in others:
        chain = chain.when(condition, value)
    return chain


def _condition(sql: str) -> Column:
    """A rule's condition; what it calls `kafka_timestamp` is Kafka's, not a field of that name."""
    return F.expr(re.sub(r"\bkafka_timestamp\b", f"`{kafka('timestamp')}`", sql))
