import json
from typing import Any

from schemas.checks.faults import ContractRule
from schemas.checks.resolution import resolution_faults
from schemas.checks.validity import parse_record


def record(*fields: dict[str, Any]) -> Any:
    """A parsed record with these fields."""
    return parse_record(json.dumps({"type": "record", "name": "R", "fields": list(fields)}))


def test_every_fault_is_reported() -> None:
    """All fields at fault are named, not only the first, each with its own rule and reason."""
    letters = {"type": "enum", "name": "Letter", "symbols": ["A", "B", "C"]}
    writer = record(
        {"name": "a", "type": "string"},
        {"name": "b", "type": letters},
        {"name": "c", "type": "int"},
    )
    reader = record(
        {"name": "a", "type": "long"},
        {"name": "b", "type": {**letters, "symbols": ["A"]}},
        {"name": "c", "type": "long"},
        {"name": "d", "type": "int"},
    )
    faults = resolution_faults(reader, writer)
    assert [(one.field, one.rule) for one in faults] == [
        ("a", ContractRule.TYPE_RESOLVES),
        ("b", ContractRule.ENUM_SYMBOLS_KNOWN),
        ("d", ContractRule.NEW_FIELD_HAS_DEFAULT),
    ]
    assert faults[0].message == "is written as string and cannot be read as long"
    assert faults[1].message == "may hold B, C, which its reader does not know"


def test_a_record_that_contains_itself_is_compared_once() -> None:
    """Recursion in a schema is no endless loop here."""
    again = record({"name": "next", "type": "R"}, {"name": "x", "type": "int"})
    assert resolution_faults(again, again) == []
