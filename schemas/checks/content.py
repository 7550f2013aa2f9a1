"""What a schema can hold: its fields and the symbols of its enums, at every depth."""

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["content", "outermost"]


def content(text: str, *, aliases: bool = False) -> frozenset[str]:
    """Return a schema's fields, by path, and the symbols of its enums.

    Args:
        text: The schema.
        aliases: Whether a field also counts under its former names, by which a reader finds it in
            older records.

    Raises:
        ValueError: The text is not JSON.
    """
    return frozenset(_content(json.loads(text), "", aliases=aliases))


def outermost(paths: frozenset[str]) -> tuple[str, ...]:
    """Drop the paths that are inside another of these paths; sort the rest."""
    return tuple(
        path
        for path in sorted(paths)
        if not any(path.startswith((f"{other}.", f"{other}=")) for other in paths)
    )


def _content(schema: Any, path: str, *, aliases: bool) -> Iterator[str]:  # noqa: ANN401 - Avro's JSON
    match schema:
        case list():
            for branch in schema:
                yield from _content(branch, path, aliases=aliases)
        case {"type": "enum", "symbols": list(symbols)}:
            yield from (f"{path}={symbol}" for symbol in symbols)
        case {"type": "record", "fields": list(fields)}:
            for field in fields:
                former = field.get("aliases", ()) if aliases else ()
                for name in (field["name"], *former):
                    inside = f"{path}.{name}" if path else str(name)
                    yield inside
                    yield from _content(field["type"], inside, aliases=aliases)
        case {"type": "array", "items": part} | {"type": "map", "values": part}:
            yield from _content(part, path, aliases=aliases)
        case {"type": dict() | list() as inner}:
            yield from _content(inner, path, aliases=aliases)
