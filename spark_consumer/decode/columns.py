"""Columns of a Kafka record: its header, its trade, and why it is not a trade.

Pure functions. All but `decoded` expect the columns that `Decoder.decoded` gives. Columns that are
not fields of the event have a hyphen in their names. Avro allows none in a name, so no field of any
schema can clash with them.
"""

import re
from collections.abc import Iterable, Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows it by
from pyspark.sql.avro.functions import from_avro

from schemas.avro.wire import GUID_MAGIC_BYTE, MAGIC_BYTE
from spark_consumer.decode.decoding_plan import DecodingPlan
from spark_consumer.decode.framing import (
    IDENTIFIER,
    PAYLOAD,
    is_cut_off,
    named_in_headers,
    names_one_of,
    readable_name,
)
from spark_consumer.decode.length_check import GUARD, guarded
from spark_consumer.decode.reasons import Reason
from spark_consumer.kafka.record_bounds import CUT_HEADER, KEPT_BYTES

__all__ = [
    "GUARD_FIELD",
    "INEXACT_FIELD",
    "LONGEST_VALUE",
    "Rules",
    "decoded",
    "detail",
    "is_text",
    "is_whole",
    "kafka",
    "keeps",
    "nothing_decoded",
    "reason",
]

Rules = Mapping[str, str]
"""Conditions that a trade must satisfy: SQL over its fields and Kafka's columns, by name."""

GUARD_FIELD = "decoded-guard"
"""Column: the guard as it was read back; null if the record could not be decoded."""

INEXACT_FIELD = "decoded-inexact"
"""Column: the first field whose value its column cannot hold exactly; null for none."""

VALUE = "kafka-value"

LONGEST_VALUE = 16_384
"""Bytes of the longest value that is decoded; a trade has about sixty. Python gets ten thousand
decoded records at a time, and a sender must not be able to exhaust its memory."""


def kafka(name: str) -> str:
    """Return the name of one of Kafka's columns beside those of an event."""
    return f"kafka-{name}"


def decoded(plan: DecodingPlan, schema_ids: Iterable[int]) -> Column:
    """Decode the payload by the schema that its record names: the event's fields and the guard.

    Null, or a struct of nulls, if that is not possible or the value is too long.

    Args:
        plan: the current schemas.
        schema_ids: the writer schemas to decode by; all of them give the same columns.
    """
    payload = F.concat(PAYLOAD, F.lit(GUARD))
    return _first_of(
        (
            names_one_of(plan.names_of([one])) & (F.length(VALUE) <= LONGEST_VALUE),
            from_avro(
                payload,
                guarded(plan.writers[one], plan.guard, for_writing=True),
                {
                    "avroSchema": guarded(plan.readings[one].schema, plan.guard),
                    "mode": "PERMISSIVE",
                },
            ),
        )
        for one in sorted(schema_ids)
    )


def nothing_decoded(plan: DecodingPlan) -> Column:
    """Return what `decoded` gives if no schema is known: the same columns, all null."""
    options = {"avroSchema": guarded(plan.reader, plan.guard), "mode": "PERMISSIVE"}
    writer = guarded(plan.reader, plan.guard, for_writing=True)
    return F.when(F.lit(False), from_avro(VALUE, writer, options))


def is_whole() -> Column:
    """Return whether the record was decoded to its last byte; null counts as no."""
    return F.col(GUARD_FIELD) == F.lit(GUARD)


def is_text(texts: Iterable[str]) -> Column:
    """Return whether all strings are UTF-8, by `text_conditions` of `decode.text`; never null."""
    valid = F.lit(True)
    for condition in texts:
        valid = valid & F.expr(condition)
    return valid


def keeps(rules: Rules) -> Column:
    """Return whether the trade satisfies every rule."""
    kept = F.lit(True)
    for condition in rules.values():
        kept = kept & _condition(condition)
    return kept


def detail(plan: DecodingPlan, reason: Column, rules: Rules) -> Column:
    """Return the detail of a reason: the first broken rule, or the schema and its id; else null."""
    broken = [
        F.when(~F.coalesce(_condition(condition), F.lit(False)), name)
        for name, condition in rules.items()
    ]
    by_name = [
        Reason.UNKNOWN_SCHEMA_ID.value,
        Reason.UNKNOWN_SCHEMA_GUID.value,
        Reason.FOREIGN_SCHEMA_ID.value,
        Reason.FOREIGN_SCHEMA_GUID.value,
    ]
    text = F.when(reason == Reason.RULE_BROKEN.value, F.coalesce(*broken, F.lit(None)))
    for foreign, subject in plan.foreign_subjects.items():
        text = text.when(
            (reason == Reason.FOREIGN_SCHEMA_ID.value) & names_one_of([foreign]),
            F.lit(f"schema id {foreign} of {subject}"),
        )
    text = text.when(reason.isin(by_name), readable_name())
    text = text.when(reason == Reason.TOO_LARGE.value, _cut_note())
    text = text.when(
        reason == Reason.INEXACT.value, F.concat(F.lit("field "), F.col(INEXACT_FIELD))
    )
    for refused, sentence in plan.refused.items():
        text = text.when(
            (reason == Reason.REFUSED_SCHEMA.value) & names_one_of(plan.names_of([refused])),
            F.lit(sentence),
        )
    return text


def reason(plan: DecodingPlan, texts: Iterable[str]) -> Column:
    """Return why the record is not a trade, as a `Reason`'s value; meaningless for a trade."""
    value = F.col(VALUE)
    magic_byte = F.substring(IDENTIFIER, 1, 1)
    by_guid = magic_byte == F.lit(bytes([GUID_MAGIC_BYTE]))
    no_magic_byte = ~by_guid & (magic_byte != F.lit(bytes([MAGIC_BYTE])))
    in_header = named_in_headers(kafka("headers")).isNotNull()
    foreign, unknown = names_one_of(plan.foreign), ~names_one_of(plan.names_of(plan.writers))
    # Only for values that are empty or cut: no header added by a sender may reject a good trade.
    no_value = F.coalesce(F.length(value), F.lit(0)) == 0
    faults = {
        Reason.TOO_LARGE: _cut_note().isNotNull() & (no_value | (F.length(value) == KEPT_BYTES)),
        Reason.EMPTY_VALUE: no_value,
        Reason.BAD_HEADER: in_header & ((F.length(IDENTIFIER) == 0) | no_magic_byte | is_cut_off()),
        Reason.NO_MAGIC_BYTE: no_magic_byte,
        Reason.TOO_SHORT: is_cut_off(),
        Reason.TOO_LONG: F.length(value) > LONGEST_VALUE,
        Reason.FOREIGN_SCHEMA_GUID: by_guid & foreign,
        Reason.FOREIGN_SCHEMA_ID: foreign,
        Reason.REFUSED_SCHEMA: names_one_of(plan.names_of(plan.refused)),
        Reason.UNKNOWN_SCHEMA_GUID: by_guid & unknown,
        Reason.UNKNOWN_SCHEMA_ID: unknown,
        Reason.UNDECODABLE: F.col(GUARD_FIELD).isNull(),
        Reason.BYTES_LEFT_OVER: ~is_whole(),
        Reason.NO_TEXT: ~is_text(texts),
        Reason.INEXACT: F.col(INEXACT_FIELD).isNotNull(),
    }
    first_fault = _first_of((found, F.lit(name.value)) for name, found in faults.items())
    return first_fault.otherwise(Reason.RULE_BROKEN.value)


def _cut_note() -> Column:
    """Return what was cut off when the record was read record by record; else null."""
    added = F.filter(kafka("headers"), lambda header: header["key"] == CUT_HEADER)
    return F.element_at(added, -1)["value"].cast("string")


def _first_of(cases: Iterable[tuple[Column, Column]]) -> Column:
    """Build a CASE WHEN with any number of branches, in their order."""
    (condition, value), *others = cases
    chain = F.when(condition, value)
    for condition, value in others:
        chain = chain.when(condition, value)
    return chain


def _condition(sql: str) -> Column:
    """Build a rule's condition; its `kafka_timestamp` is Kafka's, not a field of that name."""
    return F.expr(re.sub(r"\bkafka_timestamp\b", f"`{kafka('timestamp')}`", sql))
