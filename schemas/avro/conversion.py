"""Reads values by their writer's logical type if the reader's differs.

Avro resolves only physical types: it reads bytes written as decimal(28,8) as decimal(28,10), a
hundredth of the value, and a time in milliseconds as one in microseconds, without an error. So a
field whose logical type differs is decoded by its writer's type and converted afterwards, if that
is exact.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from schemas.checks.drift import drift_faults
from schemas.checks.faults import ContractRule
from schemas.checks.validity import parse_record
from schemas.errors import CatalogueError

__all__ = ["Conversion", "NotConvertible", "Reading", "reading"]

Json = Any  # what json.loads gives

_LARGEST_PRECISION = 38
_INSTANTS = {"timestamp-millis", "timestamp-micros"}
_TEXTS = {None, "uuid"}


class NotConvertible(CatalogueError):
    """The meaning of a field's values is unknown, or the reader's field cannot hold them."""


class Conversion(StrEnum):
    """How to convert a field that was decoded by its writer's type."""

    NOTHING = "it is of the reader's type already"
    DECIMAL = "to the reader's precision and scale"
    NANOSECONDS = "from nanoseconds since 1970 to an instant"


@dataclass(frozen=True)
class Reading:
    """How the records of one writer are read.

    Attributes:
        schema: The reader's schema, with the writer's types for fields that differ in meaning.
        conversions: The conversions to do afterwards, by field of the reader.
    """

    schema: str
    conversions: Mapping[str, Conversion] = field(default_factory=dict)


def reading(writer: str, reader: str) -> Reading:
    """Find out how to read records of `writer` into the columns of `reader`.

    Raises:
        NotConvertible: A field's values have an unknown meaning, or do not fit the reader's field.
    """
    differing = _differing_fields(writer, reader)
    if not differing:
        return Reading(reader)
    schema, written = json.loads(reader), json.loads(writer)["fields"]
    conversions: dict[str, Conversion] = {}
    for declared in schema["fields"]:
        if declared["name"] in differing:
            conversion = _read_as_written(declared, _counterpart(declared, written))
            if conversion is not Conversion.NOTHING:
                conversions[declared["name"]] = conversion
    return Reading(json.dumps(schema), conversions)


def _differing_fields(writer: str, reader: str) -> set[str]:
    """Return the reader's fields in which the writer's bytes have another meaning."""
    meanings = {ContractRule.LOGICAL_TYPE_KEPT, ContractRule.DECIMAL_KEPT}
    faults = drift_faults(older=parse_record(writer), newer=parse_record(reader))
    return {fault.field.partition(".")[0] for fault in faults if fault.rule in meanings}


def _counterpart(declared: Json, written: Iterable[Json]) -> Json:
    by_name = {one["name"]: one for one in written}
    names = [declared["name"], *declared.get("aliases", ())]
    return next(by_name[name] for name in names if name in by_name)


def _read_as_written(declared: Json, source: Json) -> Conversion:
    """Give the reader's field its writer's type; return how to convert the values then."""
    own, theirs = _single(declared["type"]), _single(source["type"])
    conversion = None if own is None or theirs is None else _conversion(own, theirs)
    if conversion is None:
        raise NotConvertible(
            f"writes {source['name']} as {_shown(source['type'])}, which cannot be read exactly "
            f"as {_shown(declared['type'])}"
        )
    optional = isinstance(declared["type"], list)
    declared["type"] = (
        [branch if branch == "null" else theirs for branch in declared["type"]]
        if optional
        else theirs
    )
    declared.pop("default", None)  # it has the reader's type, and the writer always has the field
    return conversion


def _conversion(own: Json, theirs: Json) -> Conversion | None:
    mine, other = _logical(own), _logical(theirs)
    if mine == "decimal" == other:
        same = _digits(own) == _digits(theirs)
        return Conversion.NOTHING if same else Conversion.DECIMAL if _is_sound(theirs) else None
    if mine == other or (mine in _INSTANTS and other in _INSTANTS):
        return Conversion.NOTHING if not isinstance(own, dict) or mine else None
    if mine in _INSTANTS and other == "timestamp-nanos":
        return Conversion.NANOSECONDS
    texts = {_physical(own), _physical(theirs)} == {"string"}
    return Conversion.NOTHING if texts and {mine, other} <= _TEXTS else None


def _single(kind: Json) -> Json:
    """Return a type without null; None if several types remain."""
    if not isinstance(kind, list):
        return kind
    others = [branch for branch in kind if branch != "null"]
    return others[0] if len(others) == 1 else None


def _is_sound(decimal: Json) -> bool:
    precision, scale = _digits(decimal)
    return 0 <= scale <= precision <= _LARGEST_PRECISION


def _digits(decimal: Json) -> tuple[int, int]:
    return int(decimal.get("precision", 0)), int(decimal.get("scale", 0))


def _logical(kind: Json) -> str | None:
    return kind.get("logicalType") if isinstance(kind, dict) else None


def _physical(kind: Json) -> str:
    return str(kind["type"] if isinstance(kind, dict) else kind)


def _shown(kind: Json) -> str:
    single = _single(kind)
    if single is None:
        return "several types"
    logical = _logical(single)
    if logical == "decimal":
        return "decimal({},{})".format(*_digits(single))
    return logical or f"a plain {_physical(single)}"
