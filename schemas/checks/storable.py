"""Checks that a record can be stored in the lake: Spark and the folders have limits.

Avro and registries do not have them. `lake/layout.py` names the folders; the limits of types are
those of Spark's `SchemaConverters` (spark-avro 4.1.1) and of Parquet (a group has a field).
"""

from collections.abc import Iterator

from avro.schema import RecordSchema, Schema, UnionSchema

from schemas.checks.faults import RECORD, ContractRule, Fault, below
from schemas.checks.validity import parts

__all__ = ["FOLDER_COLUMNS", "storage_faults"]

FOLDER_COLUMNS = frozenset({"year", "month", "day", "hour"})
"""Readers take these columns from the folders' names, whatever a file holds."""

_LARGEST_PRECISION = 38


def storage_faults(record: RecordSchema) -> list[Fault]:
    """List everything that keeps records of this schema from becoming correctly read rows."""
    faults = [
        Fault(
            field.name,
            ContractRule.NAME_IS_FREE,
            f"is named as the lake's folder {field.name.lower()}=, whose value readers would show",
        )
        for field in record.fields
        if field.name.lower() in FOLDER_COLUMNS
    ]
    return [*faults, *_record_faults(record, RECORD, ())]


def _record_faults(record: RecordSchema, path: str, outer: tuple[str, ...]) -> Iterator[Fault]:
    if record.fullname in outer:
        yield Fault(
            path,
            ContractRule.TYPE_IS_STORABLE,
            f"holds {record.fullname} within itself, and a column's type has an end",
        )
        return
    if not record.fields:
        yield Fault(
            path, ContractRule.TYPE_IS_STORABLE, "is a record without fields, which no column holds"
        )
    names: dict[str, str] = {}
    for field in record.fields:
        name = below(path, field.name)
        other = names.setdefault(field.name.lower(), field.name)
        if other != field.name:
            yield Fault(
                name,
                ContractRule.NAME_IS_FREE,
                f"differs from {other} by capitals alone, and SQL takes the two for one",
            )
        yield from _type_faults(field.type, name, (*outer, record.fullname))


def _type_faults(schema: Schema, name: str, outer: tuple[str, ...]) -> Iterator[Fault]:
    if schema.props.get("logicalType") == "decimal":
        precision = schema.props.get("precision")
        if isinstance(precision, int) and precision > _LARGEST_PRECISION:
            yield Fault(
                name,
                ContractRule.DECIMAL_FITS,
                f"has {precision} digits, and a column holds {_LARGEST_PRECISION} at most",
            )
    if schema.type == "null" or (isinstance(schema, UnionSchema) and _is_nothing(schema)):
        yield Fault(name, ContractRule.TYPE_IS_STORABLE, "is always null, which no column holds")
    if isinstance(schema, RecordSchema):
        yield from _record_faults(schema, name, outer)
    for part in parts(schema):
        if part.type != "null" or not isinstance(schema, UnionSchema):
            yield from _type_faults(part, name, outer)


def _is_nothing(union: UnionSchema) -> bool:
    return all(branch.type == "null" for branch in union.schemas)
