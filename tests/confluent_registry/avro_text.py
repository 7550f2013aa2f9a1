"""Avro as the registry sees it: one text for equal schemas, and Avro's own rules of resolution."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.errors import AvroException
from avro.name import Names
from avro.schema import RecordSchema, Schema, make_avsc_object

from schemas.checks.compatibility import Mode
from schemas.checks.resolution import resolution_faults

_FIRST = ("type", "name", "namespace", "doc", "fields", "symbols", "items", "values", "size")
_IN_FIELDS = ("name", "type", "doc", "default", "order", "aliases")
_PRIMITIVES = {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}


def canonical_text(text: str) -> str:
    """The text as Java's `Schema.toString()` writes it: compact, keys in Avro's order."""
    return json.dumps(_ordered(json.loads(text)), ensure_ascii=False, separators=(",", ":"))


def normalized(text: str) -> str:
    """What `normalize=true` compares by: the order of all keys plays no part."""
    return json.dumps(json.loads(text), sort_keys=True)


def parse_avro(text: str, referenced: Sequence[str] = ()) -> Schema:
    """The schema; what it refers to comes before it.

    Raises:
        ValueError: It is no Avro.
    """
    names = Names()
    try:
        for one in referenced:
            make_avsc_object(json.loads(one), names)
        return make_avsc_object(json.loads(text), names)
    except (AvroException, TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def incompatibilities(new: Schema, earlier: Sequence[Schema], mode: Mode) -> Iterator[str]:
    """Why a schema may not follow those before it, oldest first.

    The scale and precision of decimals and the unit of times are not compared, as genuine
    registries do not (seen: decimal(28,8) after decimal(28,10) is accepted).
    """
    for old in earlier if mode.transitive else earlier[-1:]:
        if mode.new_reads_old:
            yield from _unreadable(reader=new, writer=old)
        if mode.old_reads_new:
            yield from _unreadable(reader=old, writer=new)


def _unreadable(reader: Schema, writer: Schema) -> Iterator[str]:
    if isinstance(reader, RecordSchema) and isinstance(writer, RecordSchema):
        for fault in resolution_faults(reader=reader, writer=writer):
            yield f"{{errorType:'{fault.rule.upper()}', description:'field {fault.field}'}}"
        return
    found = ReaderWriterCompatibilityChecker().get_compatibility(reader, writer)
    if found.compatibility is not SchemaCompatibilityType.compatible:
        yield "{errorType:'TYPE_MISMATCH'}"


def _ordered(node: Any) -> Any:
    if isinstance(node, list):
        return [_ordered(one) for one in node]
    if not isinstance(node, Mapping):
        return node
    if set(node) == {"type"} and node["type"] in _PRIMITIVES:
        return node["type"]
    order = _FIRST if ("type" in node and "fields" in node) or "symbols" in node else _IN_FIELDS
    keys = [key for key in order if key in node] + [key for key in node if key not in order]
    return {key: node[key] if key == "default" else _ordered(node[key]) for key in keys}
