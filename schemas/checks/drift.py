"""Finds changes that Avro allows although they would silently change the meaning of data.

Avro resolves physical types: it reads a price at another scale, or a time in another unit, without
an error (seen with PyPI avro's checker and with the rules that registries apply). So such changes
are refused here, whatever a registry would say.
"""

from collections.abc import Iterator

from avro.compatibility import lookup_writer_field
from avro.schema import EnumSchema, Field, NamedSchema, RecordSchema, Schema

from schemas.checks.faults import RECORD, ContractRule, Fault, below
from schemas.checks.validity import parts

__all__ = ["drift_faults"]

_TEXT_AND_BYTES = {"string", "bytes"}


def drift_faults(older: RecordSchema, newer: RecordSchema) -> list[Fault]:
    """List every silent change of meaning from one version to a later one."""
    return list(_type_drift(older, newer, RECORD, set()))


def _type_drift(
    older: Schema, newer: Schema, path: str, seen: set[tuple[str, str]]
) -> Iterator[Fault]:
    yield from _logical_drift(older, newer, path)
    if {older.type, newer.type} == _TEXT_AND_BYTES:
        yield Fault(
            path,
            ContractRule.TEXT_STAYS_TEXT,
            f"was {older.type} and would be {newer.type}, another type of column",
        )
    if older.type != newer.type:
        return
    if isinstance(older, NamedSchema) and isinstance(newer, NamedSchema):
        yield from _namespace_drift(older, newer, path)
    if isinstance(older, EnumSchema) and isinstance(newer, EnumSchema):
        yield from _enum_drift(older, newer, path)
    if isinstance(older, RecordSchema) and isinstance(newer, RecordSchema):
        yield from _record_drift(older, newer, path, seen)
    by_type = {_kind(part): part for part in parts(older)}
    for part in parts(newer):
        if _kind(part) in by_type:
            yield from _type_drift(by_type[_kind(part)], part, path, seen)


def _record_drift(
    older: RecordSchema, newer: RecordSchema, path: str, seen: set[tuple[str, str]]
) -> Iterator[Fault]:
    pair = (older.fullname, newer.fullname)
    if pair in seen:  # a record that contains itself
        return
    seen.add(pair)
    for field in newer.fields:
        before = lookup_writer_field(older, field)
        if before is not None:
            name = below(path, field.name)
            yield from _default_drift(before, field, name)
            yield from _type_drift(before.type, field.type, name, seen)


def _default_drift(older: Field, newer: Field, path: str) -> Iterator[Fault]:
    if older.has_default and (not newer.has_default or older.default != newer.default):
        after = repr(newer.default) if newer.has_default else "none"
        yield Fault(
            path,
            ContractRule.DEFAULT_KEPT,
            f"had the default {older.default!r} and would have {after}: "
            "records without it would no longer read as they did",
        )


def _logical_drift(older: Schema, newer: Schema, path: str) -> Iterator[Fault]:
    before, after = older.props.get("logicalType"), newer.props.get("logicalType")
    if before != after:
        yield Fault(
            path,
            ContractRule.LOGICAL_TYPE_KEPT,
            f"was {before or f'a plain {older.type}'} and would be "
            f"{after or f'a plain {newer.type}'}",
        )
    elif before == "decimal" and _decimal(older) != _decimal(newer):
        yield Fault(
            path,
            ContractRule.DECIMAL_KEPT,
            f"was {_decimal(older)} and would be {_decimal(newer)}; "
            "its bytes carry neither precision nor scale",
        )


def _namespace_drift(older: NamedSchema, newer: NamedSchema, path: str) -> Iterator[Fault]:
    if older.name == newer.name and older.fullname != newer.fullname:
        yield Fault(
            path,
            ContractRule.NAMESPACE_KEPT,
            f"was {older.fullname} and would be {newer.fullname}",
        )


def _enum_drift(older: EnumSchema, newer: EnumSchema, path: str) -> Iterator[Fault]:
    dropped = [symbol for symbol in older.symbols if symbol not in newer.symbols]
    if dropped:
        yield Fault(
            path,
            ContractRule.ENUM_SYMBOL_KEPT,
            f"loses {', '.join(dropped)}: records that hold it would read as something else",
        )
    before, after = older.props.get("default"), newer.props.get("default")
    if before is not None and before != after:
        yield Fault(
            path,
            ContractRule.DEFAULT_KEPT,
            f"read an unknown symbol as {before} and would read it as {after or 'an error'}",
        )


def _kind(schema: Schema) -> str:
    return schema.fullname if isinstance(schema, NamedSchema) else str(schema.type)


def _decimal(schema: Schema) -> str:
    return f"decimal({schema.props.get('precision')},{schema.props.get('scale', 0)})"
