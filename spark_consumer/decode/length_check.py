"""The guard: bytes that show whether a payload was decoded exactly to its end.

from_avro ignores bytes that are left over, and may read a corrupt record as a good one. So fixed
bytes, the guard, are appended to each payload, and the event's schema gets one more field, the
last, that reads them. If they are not read back unchanged, the payload was longer or shorter than
its schema says.

The field stands in the event's own record. For a record inside another one Spark makes a new row
for each value, and Spark 4.2 asks its whole configuration for each field of such a row: decoding
then takes twice as long.
"""

import json
from collections.abc import Iterable
from typing import Any

__all__ = ["GUARD", "guard_name", "guarded"]

GUARD = bytes.fromhex("8f13fea0559c01ee")

_NAME = "kraken_lake_guard"

_FOR_PEOPLE = {"doc"}
_FOR_READERS = {"doc", "default", "aliases"}
_TIMES_OF_DAY = {"time-millis", "time-micros"}
"""Read as the numbers that they are. Spark 4.2 has a type for them, which reaches Python in
nanoseconds, and Spark cannot read the Parquet files that are then written."""


def guard_name(schemas: Iterable[str]) -> str:
    """Return a name for the guard's field and type that none of these schemas contains.

    Spark's columns have no case, so letters of either case count.
    """
    texts = [schema.lower() for schema in schemas]
    name = _NAME
    while any(name in text for text in texts):
        name += "_"
    return name


def guarded(schema: str, name: str, *, for_writing: bool = False) -> str:
    """Append the guard to a schema's fields, and drop what Spark is not to see of the schema.

    The text is part of each plan and each task, so it should be short.

    Args:
        schema: the event's schema, a record.
        name: the name of the guard's field and type, see `guard_name`.
        for_writing: whether it is used as the writer schema, which needs no defaults. Java's parser
            refuses some defaults that registries hold.
    """
    event = _without(_FOR_READERS if for_writing else _FOR_PEOPLE, json.loads(schema))
    guard = {"type": "fixed", "name": name, "size": len(GUARD)}
    return json.dumps({**event, "fields": [*event["fields"], {"name": name, "type": guard}]})


def _without(keys: set[str], schema: Any) -> Any:  # noqa: ANN401 - any part of a schema's JSON
    """Remove these keys, and times of day, from a schema or a part of one.

    A default is data and stays as it is.
    """
    if isinstance(schema, list):
        return [_without(keys, part) for part in schema]
    if isinstance(schema, dict):
        return {
            name: part if name == "default" else _without(keys, part)
            for name, part in schema.items()
            if name not in keys and not (name == "logicalType" and part in _TIMES_OF_DAY)
        }
    return schema
