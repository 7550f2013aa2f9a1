"""Bounds for the times of an event that no rule covers. Pure.

Rules are declared for the fields of the released schemas. A version that was registered since may
have another time, and one value with a five-digit year makes a whole file unreadable for most
readers.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["bounds_of_other_times"]

_FIRST: Final = "TIMESTAMP '0001-01-01 00:00:00Z'"
_BEYOND: Final = "TIMESTAMP '2262-01-01 00:00:00Z'"


def bounds_of_other_times(reader: str, rules: Mapping[str, str]) -> dict[str, str]:
    """Make a rule for each time of the reader schema that no rule names; null satisfies it.

    Args:
        reader: an Avro record schema, as JSON.
        rules: the declared rules, as SQL by name.
    """
    declared = re.split(r"\W+", " ".join(rules.values()))
    return {
        f"{name}_in_bounds": f"({name} IS NULL OR ({name} >= {_FIRST} AND {name} < {_BEYOND}))"
        for name in _times(json.loads(reader))
        if name not in declared
    }


def _times(record: dict[str, Any]) -> list[str]:
    return [field["name"] for field in record["fields"] if _is_time(field["type"])]


def _is_time(kind: Any) -> bool:  # noqa: ANN401 - a type in Avro's JSON: name, object or union
    if isinstance(kind, list):
        return any(_is_time(branch) for branch in kind)
    return isinstance(kind, dict) and str(kind.get("logicalType", "")).startswith("timestamp-")
