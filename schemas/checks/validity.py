"""Checks one schema by itself, more strictly than the parsers.

PyPI avro checks neither the name nor the default of a field. It drops a logical type that it does
not understand, with a warning; the result would be a column of raw bytes.
"""

import re
import warnings
from collections.abc import Iterator

from avro.errors import AvroException
from avro.schema import (
    ArraySchema,
    LogicalSchema,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
    parse,
)

from schemas.checks.defaults import default_fits
from schemas.checks.faults import RECORD, ContractRule, Fault, below
from schemas.errors import CatalogueError

__all__ = ["parse_record", "parts", "validity_faults"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def parse_record(text: str) -> RecordSchema:
    """Parse the text of a record's schema.

    Raises:
        CatalogueError: It is no valid Avro, or no record.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an ignored logical type is a fault, below
            schema = parse(text)
    except (AvroException, ValueError) as error:
        raise CatalogueError(f"this is no valid Avro schema: {error}") from error
    if not isinstance(schema, RecordSchema):
        raise CatalogueError(f"a topic's schema is a record, this is {schema.type}")
    return schema


def validity_faults(text: str) -> list[Fault]:
    """List everything that is wrong with one schema by itself."""
    try:
        record = parse_record(text)
    except CatalogueError as error:
        return [Fault(RECORD, ContractRule.VALID_AVRO, str(error))]
    return list(_record_faults(record, RECORD, set()))


def _record_faults(record: RecordSchema, path: str, seen: set[str]) -> Iterator[Fault]:
    if record.fullname in seen:
        return
    seen.add(record.fullname)
    names = {field.name for field in record.fields}
    for field in record.fields:
        name = below(path, field.name)
        if not _NAME.fullmatch(field.name):
            yield Fault(name, ContractRule.VALID_AVRO, "has a name that Avro does not allow")
        for alias in field.props.get("aliases") or ():
            if alias in names:
                yield Fault(
                    name,
                    ContractRule.ALIAS_IS_FREE,
                    f"takes the alias {alias}, which is the name of a field of its own",
                )
        if field.has_default and not default_fits(field.default, field.type):
            yield Fault(
                name,
                ContractRule.VALID_DEFAULT,
                f"has the default {field.default!r}, which is no {field.type.type}",
            )
        yield from _type_faults(field.type, name, seen)


def _type_faults(schema: Schema, name: str, seen: set[str]) -> Iterator[Fault]:
    logical_type = schema.props.get("logicalType")
    if logical_type is not None and not isinstance(schema, LogicalSchema):
        yield Fault(
            name,
            ContractRule.VALID_LOGICAL_TYPE,
            f"declares {logical_type}, which is no valid logical type of {schema.type} here",
        )
    if isinstance(schema, RecordSchema):
        yield from _record_faults(schema, name, seen)
    for part in parts(schema):
        yield from _type_faults(part, name, seen)


def parts(schema: Schema) -> list[Schema]:
    """Return the types that an array, a map or a union consists of; none for any other."""
    match schema:
        case ArraySchema():
            return [schema.items]
        case MapSchema():
            return [schema.values]
        case UnionSchema():
            return list(schema.schemas)
        case _:
            return []
