"""The guard: what shows that a payload was read by a schema of its own length.

from_avro ignores bytes that are left over, and may read a damaged record as a good one. So fixed
bytes are put behind each payload, and a record around the event's reads them behind it: where they
do not come back as they were put, the payload was longer or shorter than its schema. A record
within a record is its bytes and nothing else in Avro, and keeps the event's names to themselves.
"""

import json
from typing import Any

__all__ = ["EVENT", "GUARD", "SEEN", "guarded"]

GUARD = bytes.fromhex("8f13fea0559c01ee")

EVENT = "event"
"""The field of the guarded record that holds the event."""

SEEN = "guard"
"""The field that holds the guard."""

_FOR_PEOPLE = {"doc"}
_FOR_READERS = {"doc", "default", "aliases"}


def guarded(schema: str, *, for_writing: bool = False) -> str:
    """A record of the event and the guard, without what is meant for people.

    The text is in each plan and each task.

    Args:
        schema: the event's, a record.
        for_writing: whether it is to be read by as its writer's, which needs no default. Java's
            parser refuses some that registries hold.
    """
    event = _without(_FOR_READERS if for_writing else _FOR_PEOPLE, json.loads(schema))
    guard = {"type": "fixed", "name": "kraken_lake_guard", "size": len(GUARD)}
    fields = [{"name": EVENT, "type": event}, {"name": SEEN, "type": guard}]
    return json.dumps({"type": "record", "name": "kraken_lake_guarded", "fields": fields})


def _without(keys: set[str], schema: Any) -> Any:  # noqa: ANN401 - any part of a schema's JSON
    """A schema, or a part of one, without these keys; a default is data and stays as it is."""
    if isinstance(schema, list):
        return [_without(keys, part) for part in schema]
    if isinstance(schema, dict):
        return {
            name: part if name == "default" else _without(keys, part)
            for name, part in schema.items()
            if name not in keys
        }
    return schema
