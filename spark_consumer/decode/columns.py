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
"""Conditions that a trade must keep: a name, and SQL over its fields and Kafka's columns."""

GUARD_FIELD = "decoded-guard"
"""Column: the guard as it came back, null where the record could not be decoded."""

INEXACT_FIELD = "decoded-inexact"
"""Column: the first field whose value its column cannot hold exactly; null for none."""

VALUE = "kafka-value"

LONGEST_VALUE = 16_384
"""Bytes of the longest value that is decoded; a trade has some sixty. Python gets ten thousand
decoded records at a time, and its memory must not be the sender's to fill."""


def kafka(name: str) -> str:
    """The name that one of Kafka's columns has beside those of an event."""
    return f"kafka-{name}"


def decoded(plan: DecodingPlan, schema_ids: Iterable[int]) -> Column:
    """The payload decoded by the schema that its record names: a struct of event and guard.

    Null, or all of it null, where that cannot be done or the value is too long.

    Args:
        plan: the schemas of the moment.
        schema_ids: which of its writers are decoded; all of them give the same columns.
    """
    payload = F.concat(PAYLOAD, F.lit(GUARD))
    return _first_of(
        (
            names_one_of(plan.names_of([one])) & (F.length(VALUE) <= LONGEST_VALUE),
            from_avro(
                payload,
                guarded(plan.writers[one], for_writing=True),
                {"avroSchema": guarded(plan.readings[one].schema), "mode": "PERMISSIVE"},
            ),
        )
        for one in sorted(schema_ids)
    )


def nothing_decoded(reader: str) -> Column:
    """What `decoded` gives where no schema is known: the same columns, all null."""
    options = {"avroSchema": guarded(reader), "mode": "PERMISSIVE"}
    return F.when(F.lit(False), from_avro(VALUE, guarded(reader, for_writing=True), options))


def is_whole() -> Column:
    """Whether the record was decoded, and to its last byte; null counts as no."""
    return F.col(GUARD_FIELD) == F.lit(GUARD)


def is_text(texts: Iterable[str]) -> Column:
    """Whether all text is UTF-8, by `spark_consumer.decode.text.text_conditions`; never null."""
    valid = F.lit(True)
    for condition in texts:
        valid = valid & F.expr(condition)
    return valid


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
    by_name = [
        Reason.UNKNOWN_SCHEMA_ID.value,
        Reason.UNKNOWN_SCHEMA_GUID.value,
        Reason.FOREIGN_SCHEMA_ID.value,
        Reason.FOREIGN_SCHEMA_GUID.value,
    ]
    told = F.when(reason == Reason.RULE_BROKEN.value, F.coalesce(*broken, F.lit(None)))
    for foreign, subject in plan.foreign_subjects.items():
        told = told.when(
            (reason == Reason.FOREIGN_SCHEMA_ID.value) & names_one_of([foreign]),
            F.lit(f"schema id {foreign} of {subject}"),
        )
    told = told.when(reason.isin(by_name), readable_name())
    told = told.when(reason == Reason.TOO_LARGE.value, _cut_note())
    told = told.when(
        reason == Reason.INEXACT.value, F.concat(F.lit("field "), F.col(INEXACT_FIELD))
    )
    for refused, sentence in plan.refused.items():
        told = told.when(
            (reason == Reason.REFUSED_SCHEMA.value) & names_one_of(plan.names_of([refused])),
            F.lit(sentence),
        )
    return told


def reason(plan: DecodingPlan, texts: Iterable[str]) -> Column:
    """Why the record is no trade, as a `Reason`'s value; meaningless for one that is."""
    value = F.col(VALUE)
    magic_byte = F.substring(IDENTIFIER, 1, 1)
    by_guid = magic_byte == F.lit(bytes([GUID_MAGIC_BYTE]))
    no_magic_byte = ~by_guid & (magic_byte != F.lit(bytes([MAGIC_BYTE])))
    in_header = named_in_headers(kafka("headers")).isNotNull()
    foreign, unknown = names_one_of(plan.foreign), ~names_one_of(plan.names_of(plan.writers))
    # Only of a value that is none: nobody's header keeps a good one from landing.
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
