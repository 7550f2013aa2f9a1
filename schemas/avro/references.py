"""Inlines schema references: a schema that uses types of other subjects becomes self-contained.

A registered schema may use types of others: `references: [{name, subject, version}]`. Avro's
parsers, from_avro and fastavro do not support that: each named type must be defined where it is
first used.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["inlined"]

Json = Any

_NAMED = {"record", "error", "enum", "fixed"}
_PRIMITIVES = {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}


def inlined(text: str, referenced: Iterable[str]) -> str:
    """Inline the types that a schema takes from referenced ones, each once, at its first use.

    Args:
        text: a schema in Avro's JSON.
        referenced: the schemas that it references, directly or indirectly, in any order.

    Raises:
        ValueError: One of the texts is not JSON.
    """
    definitions: dict[str, Json] = {}
    for other in referenced:
        for name, definition in _definitions(json.loads(other), ""):
            definitions.setdefault(name, definition)
    return json.dumps(
        _Inlining(definitions).schema(json.loads(text), ""),
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _full_name(schema: dict[str, Json], enclosing: str) -> str:
    name: str = schema["name"]
    namespace = schema.get("namespace", enclosing)
    return name if "." in name or not namespace else f"{namespace}.{name}"


def _namespace(full_name: str) -> str:
    return full_name.rpartition(".")[0]


def _definitions(schema: Json, enclosing: str) -> Iterator[tuple[str, Json]]:
    """Yield every named type of a schema by its full name, and give it that name."""
    match schema:
        case list():
            for branch in schema:
                yield from _definitions(branch, enclosing)
        case {"type": str(kind), "name": str()} if kind in _NAMED:
            name = _full_name(schema, enclosing)
            yield name, _fully_named(schema, name)
            for field in schema.get("fields", ()):
                yield from _definitions(field["type"], _namespace(name))
        case dict():
            for part in ("type", "items", "values"):
                if part in schema:
                    yield from _definitions(schema[part], enclosing)


def _fully_named(schema: dict[str, Json], full_name: str) -> dict[str, Json]:
    namespace, _, name = full_name.rpartition(".")
    return {**schema, "name": name, "namespace": namespace}


class _Inlining:
    """Inlines one schema, and remembers which types it has defined already."""

    def __init__(self, definitions: dict[str, Json]) -> None:
        self._definitions = definitions
        self._defined: set[str] = set()

    def schema(self, schema: Json, enclosing: str) -> Json:
        match schema:
            case str():
                return self._name(schema, enclosing)
            case list():
                return [self.schema(branch, enclosing) for branch in schema]
            case {"type": str(kind), "name": str()} if kind in _NAMED:
                return self._named(schema, _full_name(schema, enclosing))
            case dict():
                return {
                    key: self.schema(part, enclosing)
                    if key in {"type", "items", "values"}
                    else part
                    for key, part in schema.items()
                }
            case _:
                return schema

    def _named(self, schema: dict[str, Json], full_name: str) -> Json:
        self._defined.add(full_name)
        if "fields" not in schema:
            return schema
        inside = _namespace(full_name)
        fields = [
            {**field, "type": self.schema(field["type"], inside)} for field in schema["fields"]
        ]
        return {**schema, "fields": fields}

    def _name(self, name: str, enclosing: str) -> Json:
        full_name = name if "." in name or not enclosing else f"{enclosing}.{name}"
        for candidate in (full_name, name):
            if candidate in self._defined or candidate in _PRIMITIVES:
                return name
            if candidate in self._definitions:
                return self._named(self._definitions[candidate], candidate)
        return name
