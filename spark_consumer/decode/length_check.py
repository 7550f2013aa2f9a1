"""The guard: bytes that show whether a payload was decoded exactly to its end.

from_avro ignores bytes that are left over, and may read a corrupt record as a good one. So fixed
bytes, the guard, are appended to each payload, and the event's schema is wrapped in a record that
reads them after the event. If they are not read back unchanged, the payload was longer or shorter
than its schema says. Nesting adds no bytes in Avro, and it keeps the event's field names separate.
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
    """Wrap a schema in a record of the event and the guard, and drop its documentation.

    The text is part of each plan and each task, so it should be short.

    Args:
        schema: the event's schema, a record.
        for_writing: whether it is used as the writer schema, which needs no defaults. Java's parser
            refuses some defaults that registries hold.
    """
    event = _without(_FOR_READERS if for_writing else _FOR_PEOPLE, json.loads(schema))
    guard = {"type": "fixed", "name": "kraken_lake_guard", "size": len(GUARD)}
    fields = [{"name": EVENT, "type": event}, {"name": SEEN, "type": guard}]
    return json.dumps({"type": "record", "name": "kraken_lake_guarded", "fields": fields})


def _without(keys: set[str], schema: Any) -> Any:  # noqa: ANN401 - any part of a schema's JSON
    """Remove these keys from a schema or a part of one; a default is data and stays as it is."""
    if isinstance(schema, list):
        return [_without(keys, part) for part in schema]
    if isinstance(schema, dict):
        return {
            name: part if name == "default" else _without(keys, part)
            for name, part in schema.items()
            if name not in keys
        }
    return schema
