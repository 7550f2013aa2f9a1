"""Builds the columns of an event from the values decoded by its writer schema."""

import json
from collections.abc import Iterator, Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows it by

from schemas.avro.conversion import Conversion, Reading
from spark_consumer.decode import columns
from spark_consumer.decode.decoding_plan import DecodingPlan
from spark_consumer.decode.framing import names_one_of

__all__ = ["decoded_columns", "event_columns"]

_PLAIN = "decoded-record"


def decoded_columns(plan: DecodingPlan) -> list[Column]:
    """Return the columns of the decoded payload, as structs of the event's fields and the guard.

    One column serves all writers whose values need no conversion; each other writer has its own.
    """
    plain, converted = _by_need(plan.readings)
    first = columns.decoded(plan, plain) if plain else columns.nothing_decoded(plan)
    return [
        first.alias(_PLAIN),
        *(columns.decoded(plan, [one]).alias(_own(one)) for one in converted),
    ]


def event_columns(plan: DecodingPlan) -> list[Column]:
    """Return the columns of the reader's fields, the guard, and the first inexact field.

    They are built from those of `decoded_columns` and from the record's identifier.
    """
    _, converted = _by_need(plan.readings)
    declared = json.loads(plan.reader)["fields"]
    fields = [_field(plan, field["name"], converted).alias(field["name"]) for field in declared]
    guard = F.col(_PLAIN).getField(plan.guard)
    inexact = F.lit(None).cast("string")
    for schema_id, reading in converted.items():
        is_theirs = _is_of(plan, schema_id)
        guard = F.when(is_theirs, F.col(_own(schema_id)).getField(plan.guard)).otherwise(guard)
        inexact = F.when(is_theirs, _first_inexact(plan, schema_id, reading)).otherwise(inexact)
    return [*fields, guard.alias(columns.GUARD_FIELD), inexact.alias(columns.INEXACT_FIELD)]


def _by_need(readings: Mapping[int, Reading]) -> tuple[set[int], dict[int, Reading]]:
    converted = {one: reading for one, reading in readings.items() if reading.conversions}
    return readings.keys() - converted.keys(), dict(sorted(converted.items()))


def _field(plan: DecodingPlan, name: str, converted: Mapping[int, Reading]) -> Column:
    value = F.col(_PLAIN).getField(name)
    for schema_id, reading in converted.items():
        theirs = F.col(_own(schema_id)).getField(name)
        if name in reading.conversions:
            theirs = _converted(plan, name, reading.conversions[name], theirs)
        value = F.when(_is_of(plan, schema_id), theirs).otherwise(value)
    return value


def _converted(plan: DecodingPlan, name: str, conversion: Conversion, value: Column) -> Column:
    if conversion is Conversion.DECIMAL:
        return value.cast(_decimal_type(plan.reader, name))
    return F.timestamp_micros(F.call_function("div", value, F.lit(1000)))


def _first_inexact(plan: DecodingPlan, schema_id: int, reading: Reading) -> Column:
    return F.coalesce(*_inexact(plan, schema_id, reading))


def _inexact(plan: DecodingPlan, schema_id: int, reading: Reading) -> Iterator[Column]:
    """Yield per converted field a column: its name if the conversion was not exact, else null."""
    for name, conversion in reading.conversions.items():
        value = F.col(_own(schema_id)).getField(name)
        if conversion is Conversion.DECIMAL:
            theirs = _decimal_type(reading.schema, name)
            back = _converted(plan, name, conversion, value).cast(theirs)
            exact = back.eqNullSafe(value)
        else:
            exact = F.coalesce(value % 1000, F.lit(0)) == 0
        yield F.when(~exact, F.lit(name))


def _decimal_type(schema: str, name: str) -> str:
    """Return a decimal field's type in SQL."""
    kind = next(field["type"] for field in json.loads(schema)["fields"] if field["name"] == name)
    if isinstance(kind, list):
        kind = next(branch for branch in kind if branch != "null")
    return f"decimal({kind['precision']},{kind.get('scale', 0)})"


def _own(schema_id: int) -> str:
    """Return the name of the column for one writer that needs conversion."""
    return f"decoded-record-{schema_id}"


def _is_of(plan: DecodingPlan, schema_id: int) -> Column:
    return names_one_of(plan.names_of([schema_id]))
