"""Columns of a Kafka record: its header, its trade, and why it is no trade.

Pure functions. All but `trade` expect Kafka's columns under the names that `Decoder.decoded` gives
them.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows it by
from pyspark.sql.avro.functions import from_avro

import spark_consumer.text
from schemas.wire import HEADER_LENGTH, MAGIC_BYTE, frame
from spark_consumer.reasons import Reason
from spark_consumer.record_bounds import CUT_HEADER, KEPT_BYTES
from spark_consumer.schema_book import DecodingPlan

__all__ = [
    "GUARD",
    "GUARD_FIELD",
    "LONGEST_VALUE",
    "Rules",
    "detail",
    "has_id_beyond",
    "has_known_id",
    "is_text",
    "is_whole",
    "keeps",
    "reason",
    "schema_header",
    "text_fields",
    "trade",
]

Rules = Mapping[str, str]
"""Conditions that a trade must keep: a name, and SQL over its fields and Kafka's columns."""

GUARD_FIELD = "guard_"
"""A last field put behind the payload and behind both schemas. from_avro alone ignores bytes that
are left over; with the guard, a payload of another length than its schema reads moves it, so that
it does not come back as it was put."""

GUARD = bytes.fromhex("8f13fea0559c01ee")
_GUARD_TYPE = {"type": "fixed", "name": "KrakenLakeGuard", "size": len(GUARD)}
_GUID_MAGIC_BYTE = 1

LONGEST_VALUE = 16_384
"""Bytes of the longest value that is decoded; a trade has some sixty. Python gets ten thousand
decoded records at a time, and its memory must not be the sender's to fill."""

_TO_THE_END = (1 << 31) - 1


def schema_header(value: Column | str = "kafka_value") -> Column:
    """The first five bytes of the value, magic byte and schema id, as binary."""
    return F.substring(value, 1, HEADER_LENGTH)


def has_known_id(ids: Iterable[int]) -> Column:
    """Whether the value's header names one of these schema ids; never null."""
    headers = [F.lit(frame(schema_id, b"")) for schema_id in ids]
    return F.coalesce(schema_header().isin(headers), F.lit(False)) if headers else F.lit(False)


def has_id_beyond(ids: Iterable[int]) -> Column:
    """Whether the value is framed as ours are and names none of these schema ids; never null."""
    framed = F.substring("kafka_value", 1, 1) == F.lit(bytes([MAGIC_BYTE]))
    long_enough = F.length("kafka_value") >= HEADER_LENGTH
    return F.coalesce(framed & long_enough, F.lit(False)) & ~has_known_id(ids)


def trade(plan: DecodingPlan, value: Column) -> Column:
    """The value decoded by the schema that its header names, as a struct of the reader schema.

    Null, or all of its fields null, where that cannot be done or the value is too long. The guard
    comes back as a last field.
    """
    payload = F.concat(F.substring(value, HEADER_LENGTH + 1, _TO_THE_END), F.lit(GUARD))
    options = {"avroSchema": _guarded(plan.reader), "mode": "PERMISSIVE"}
    return _first_of(
        (
            (schema_header(value) == F.lit(frame(schema_id, b"")))
            & (F.length(value) <= LONGEST_VALUE),
            from_avro(payload, _guarded(writer), options),
        )
        for schema_id, writer in sorted(plan.writers.items())
    )


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
        kept = kept & F.expr(condition)
    return kept


def detail(reason: Column, rules: Rules) -> Column:
    """What a reason is about: the first rule broken, or the schema id; else null."""
    broken = [
        F.when(~F.coalesce(F.expr(condition), F.lit(False)), name)
        for name, condition in rules.items()
    ]
    schema_id = F.conv(F.hex(F.substring("kafka_value", 2, HEADER_LENGTH - 1)), 16, 10)
    by_id = [Reason.UNKNOWN_SCHEMA_ID.value, Reason.FOREIGN_SCHEMA_ID.value]
    return (
        F.when(reason == Reason.RULE_BROKEN.value, F.coalesce(*broken, F.lit(None)))
        .when(reason.isin(by_id), F.concat(F.lit("schema id "), schema_id))
        .when(reason == Reason.TOO_LARGE.value, _cut_note())
    )


def reason(plan: DecodingPlan, texts: Iterable[str]) -> Column:
    """Why the record is no trade, as a `Reason`'s value; meaningless for one that is."""
    value = F.col("kafka_value")
    first_byte = F.substring("kafka_value", 1, 1)
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
        Reason.UNKNOWN_SCHEMA_ID: ~has_known_id(plan.writers),
        Reason.UNDECODABLE: F.col(GUARD_FIELD).isNull(),
        Reason.BYTES_LEFT_OVER: ~is_whole(),
        Reason.NO_TEXT: ~is_text(texts),
    }
    first_fault = _first_of((found, F.lit(name.value)) for name, found in faults.items())
    return first_fault.otherwise(Reason.RULE_BROKEN.value)


def _cut_note() -> Column:
    """What differs from what was sent, where the record was read record by record; else null."""
    added = F.filter("kafka_headers", lambda header: header["key"] == CUT_HEADER)
    return F.element_at(added, -1)["value"].cast("string")


def _first_of(cases: Iterable[tuple[Column, Column]]) -> Column:
    """CASE WHEN with any number of branches, in their order."""
    (condition, value), *others = cases
    chain = F.when(condition, value)
    for condition, value in others:
        chain = chain.when(condition, value)
    return chain


def _is_string(kind: Any) -> bool:  # noqa: ANN401 - a type in Avro's JSON: name, object or union
    if isinstance(kind, list):
        others = [branch for branch in kind if branch != "null"]
        return len(others) == 1 and _is_string(others[0])
    return kind == "string" or (isinstance(kind, dict) and kind.get("type") == "string")


def _guarded(schema: str) -> str:
    """The schema with the guard as its last field, without what is meant for people.

    The text is in each plan and each task.
    """
    record = _without_docs(json.loads(schema))
    fields = [*record["fields"], {"name": GUARD_FIELD, "type": _GUARD_TYPE}]
    return json.dumps({**record, "fields": fields})


def _without_docs(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema's JSON
    """A schema, or a part of one, without `doc`; a default is data and stays as it is."""
    if isinstance(schema, list):
        return [_without_docs(part) for part in schema]
    if isinstance(schema, dict):
        return {
            name: part if name == "default" else _without_docs(part)
            for name, part in schema.items()
            if name != "doc"
        }
    return schema
