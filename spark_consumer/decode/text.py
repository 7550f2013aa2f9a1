"""Checks that all strings in a decoded event are UTF-8, also in nested types.

from_avro accepts any bytes as a string. Parquet declares the column as UTF-8 all the same, and one
invalid value makes a whole file unreadable for most readers.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["text_conditions"]


def text_conditions(schema: str) -> list[str]:
    """Build for each field that holds text an SQL condition that all of it is UTF-8.

    Null counts as valid, so no condition is ever null. A field that cannot hold text has none.

    Args:
        schema: the reader schema, an Avro record whose fields are columns of these names.
    """
    shape = _Schema().shape(json.loads(schema), "")
    fields = shape.of if isinstance(shape, _Fields) else {}
    return [_sound(inner, f"`{name}`") for name, inner in fields.items()]


class _Text:
    """A string."""


@dataclass(frozen=True)
class _Items:
    """An array whose items hold text."""

    of: "_Shape"


@dataclass(frozen=True)
class _Map:
    """A map: its keys are text, its values may hold some."""

    of: "_Shape | None"


@dataclass(frozen=True)
class _Fields:
    """A record, or a union that Spark turns into one; only the fields that hold text."""

    of: "Mapping[str, _Shape]"


_Shape = _Text | _Items | _Map | _Fields


class _Schema:
    """Finds the text in an Avro schema, whose named types may be used more than once."""

    def __init__(self) -> None:
        self._named: dict[str, tuple[Any, str]] = {}
        self._inside: list[str] = []

    def shape(self, kind: Any, namespace: str) -> _Shape | None:  # noqa: ANN401 - Avro's JSON
        """Return where a type holds text; None if it cannot hold any."""
        if isinstance(kind, list):
            return self._union(kind, namespace)
        if isinstance(kind, str):
            return _Text() if kind == "string" else self._reference(kind, namespace)
        return self._complex(kind, namespace)

    def _complex(self, kind: Any, namespace: str) -> _Shape | None:  # noqa: ANN401 - Avro's JSON
        match kind["type"]:
            case "record" | "error":
                return self._record(kind, namespace)
            case "array":
                items = self.shape(kind["items"], namespace)
                return items and _Items(items)
            case "map":
                return _Map(self.shape(kind["values"], namespace))
            case "enum" | "fixed":
                return None  # An enum's symbols come from the schema.
            case inner:
                return self.shape(inner, namespace)

    def _union(self, branches: list[Any], namespace: str) -> _Shape | None:
        """Treat a union of several types as Spark does: a struct of member0, member1 and so on."""
        others = [branch for branch in branches if branch != "null"]
        if len(others) == 1:
            return self.shape(others[0], namespace)
        shapes = {f"member{at}": self.shape(one, namespace) for at, one in enumerate(others)}
        return _fields(shapes)

    def _record(self, record: Any, namespace: str) -> _Shape | None:  # noqa: ANN401 - Avro's JSON
        name = _full_name(record["name"], record.get("namespace", namespace))
        self._named[name] = record, name.rpartition(".")[0]
        return self._inner(name)

    def _reference(self, name: str, namespace: str) -> _Shape | None:
        """Look up a named type; None if it is unknown or contains itself, which Spark refuses."""
        full = _full_name(name, namespace)
        return None if full not in self._named or full in self._inside else self._inner(full)

    def _inner(self, name: str) -> _Shape | None:
        record, namespace = self._named[name]
        self._inside.append(name)
        shapes = {field["name"]: self.shape(field["type"], namespace) for field in record["fields"]}
        self._inside.pop()
        return _fields(shapes)


def _full_name(name: str, namespace: str) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"


def _fields(shapes: Mapping[str, _Shape | None]) -> _Fields | None:
    holding = {name: shape for name, shape in shapes.items() if shape is not None}
    return _Fields(holding) if holding else None


def _sound(shape: _Shape, value: str, depth: int = 0) -> str:
    """Build the condition that all text in a value is UTF-8; never null."""
    return f"coalesce({_condition(shape, value, depth)}, true)"


def _condition(shape: _Shape, value: str, depth: int) -> str:
    item = f"item{depth}"
    match shape:
        case _Items(items):
            return f"forall({value}, {item} -> {_sound(items, item, depth + 1)})"
        case _Map(values):
            keys = f"forall(map_keys({value}), {item} -> is_valid_utf8({item}))"
            if values is None:
                return keys
            inner = _sound(values, item, depth + 1)
            return f"{keys} AND forall(map_values({value}), {item} -> {inner})"
        case _Fields(fields):
            return " AND ".join(
                _sound(inner, f"{value}.`{name}`", depth) for name, inner in fields.items()
            )
        case _:
            return f"is_valid_utf8({value})"
