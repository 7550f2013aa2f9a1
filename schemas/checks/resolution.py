"""Checks whether one schema can read what another wrote, by Avro's own rules.

PyPI avro decides about types, as Java avro does for the registries. Its checker stops at the first
fault, so it is called field by field.
"""

from avro.compatibility import (
    ReaderWriterCompatibilityChecker,
    SchemaIncompatibilityType,
    lookup_writer_field,
    schema_name_equals,
)
from avro.schema import Field, RecordSchema

from schemas.checks.faults import RECORD, ContractRule, Fault, below

__all__ = ["resolution_faults"]

_RULES = {
    SchemaIncompatibilityType.name_mismatch: ContractRule.NAME_KEPT,
    SchemaIncompatibilityType.fixed_size_mismatch: ContractRule.FIXED_SIZE_KEPT,
    SchemaIncompatibilityType.missing_enum_symbols: ContractRule.ENUM_SYMBOLS_KNOWN,
    SchemaIncompatibilityType.reader_field_missing_default_value: (
        ContractRule.NEW_FIELD_HAS_DEFAULT
    ),
    SchemaIncompatibilityType.type_mismatch: ContractRule.TYPE_RESOLVES,
    SchemaIncompatibilityType.missing_union_branch: ContractRule.UNION_BRANCH_KNOWN,
}

_Pairs = set[tuple[str, str]]


def resolution_faults(reader: RecordSchema, writer: RecordSchema) -> list[Fault]:
    """List everything that keeps `reader` from reading the records of `writer`."""
    return _record_faults(reader, writer, RECORD, set())


def _record_faults(
    reader: RecordSchema, writer: RecordSchema, path: str, seen: _Pairs
) -> list[Fault]:
    pair = (reader.fullname, writer.fullname)
    if pair in seen:  # a record that contains itself
        return []
    seen.add(pair)
    faults = []
    if not schema_name_equals(reader, writer):
        faults.append(
            Fault(
                path,
                ContractRule.NAME_KEPT,
                f"is named {reader.fullname} by the reader, {writer.fullname} by the writer",
            )
        )
    for field in reader.fields:
        faults += _field_faults(field, writer, below(path, field.name), seen)
    return faults


def _field_faults(reader: Field, writer: RecordSchema, path: str, seen: _Pairs) -> list[Fault]:
    written = lookup_writer_field(writer, reader)
    if written is None:
        if reader.has_default:
            return []
        message = "has no default, and the writer does not know it"
        return [Fault(path, ContractRule.NEW_FIELD_HAS_DEFAULT, message)]
    if isinstance(reader.type, RecordSchema) and isinstance(written.type, RecordSchema):
        return _record_faults(reader.type, written.type, path, seen)
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]  # avro's own gap
    verdict = checker.get_compatibility(reader.type, written.type)
    if not verdict.incompatibilities:
        return []
    rule = _RULES[verdict.incompatibilities[0]]
    return [
        Fault(path, rule, _sentence(rule, reader, written, "; ".join(sorted(verdict.messages))))
    ]


def _sentence(rule: ContractRule, reader: Field, written: Field, detail: str) -> str:
    match rule:
        case ContractRule.ENUM_SYMBOLS_KNOWN:
            unknown = sorted(set(written.type.symbols) - set(reader.type.symbols))
            return f"may hold {', '.join(unknown)}, which its reader does not know"
        case ContractRule.TYPE_RESOLVES:
            return f"is written as {written.type.type} and cannot be read as {reader.type.type}"
        case _:
            return f"does not resolve ({detail})"
