import json
from typing import Any

import pytest

from schemas.checks.faults import RECORD, ContractRule
from schemas.checks.validity import parse_record, validity_faults
from schemas.errors import CatalogueError


def text(*fields: dict[str, Any]) -> str:
    """A record's schema with these fields."""
    return json.dumps({"type": "record", "name": "R", "fields": list(fields)})


def test_a_sound_schema_has_no_faults() -> None:
    """Fields with fitting defaults and known logical types pass."""
    instant = {"type": "long", "logicalType": "timestamp-micros"}
    assert validity_faults(text({"name": "at", "type": instant, "default": 0})) == []


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"type": "record"}', '"string"', '"Nope"'])
def test_what_is_no_record_is_a_fault_of_the_whole(broken: str) -> None:
    """Text that is not Avro, or not a record, is one fault, about the record."""
    assert [(one.field, one.rule) for one in validity_faults(broken)] == [
        (RECORD, ContractRule.VALID_AVRO)
    ]
    with pytest.raises(CatalogueError):
        parse_record(broken)


def test_every_fault_is_reported() -> None:
    """One fault does not hide the next, and a nested field is named with its path."""
    inner = {
        "type": "record",
        "name": "Inner",
        "fields": [{"name": "x", "type": "int", "default": ""}],
    }
    faults = validity_faults(
        text(
            {"name": "a", "type": "string", "default": 1},
            {"name": "b", "type": {"type": "array", "items": inner}},
            {"name": "c", "type": {"type": "int", "logicalType": "timestamp-micros"}},
        )
    )
    assert {(one.field, one.rule) for one in faults} == {
        ("a", ContractRule.VALID_DEFAULT),
        ("b.x", ContractRule.VALID_DEFAULT),
        ("c", ContractRule.VALID_LOGICAL_TYPE),
    }


def test_a_record_that_contains_itself_is_looked_at_once() -> None:
    """Recursion in a schema is no endless loop here."""
    field = {"name": "next", "type": ["null", "R"], "default": None}
    assert validity_faults(text(field)) == []
