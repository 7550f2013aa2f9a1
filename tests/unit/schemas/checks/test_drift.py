import json
from typing import Any

from schemas.checks.drift import drift_faults
from schemas.checks.faults import ContractRule
from schemas.checks.validity import parse_record


def record(**types: object) -> Any:
    """A parsed record with fields of these types."""
    fields = [{"name": name, "type": kind} for name, kind in types.items()]
    return parse_record(json.dumps({"type": "record", "name": "R", "fields": fields}))


def test_nothing_drifts_between_equals() -> None:
    """A schema does not drift from itself, even one that contains itself."""
    again = record(next=["null", "R"], fees={"type": "map", "values": "long"})
    assert drift_faults(again, again) == []


def test_drift_is_found_within_unions_maps_and_records() -> None:
    """A logical type is looked for wherever a type may stand, and named with its path."""

    def version(unit: str) -> Any:
        instant = {"type": "long", "logicalType": f"timestamp-{unit}"}
        inner = {"type": "record", "name": "Inner", "fields": [{"name": "at", "type": instant}]}
        return record(a=["null", instant], b={"type": "map", "values": instant}, c=inner)

    faults = drift_faults(version("micros"), version("millis"))
    assert [(one.field, one.rule) for one in faults] == [
        ("a", ContractRule.LOGICAL_TYPE_KEPT),
        ("b", ContractRule.LOGICAL_TYPE_KEPT),
        ("c.at", ContractRule.LOGICAL_TYPE_KEPT),
    ]


def test_the_message_says_before_and_after() -> None:
    """The message has the decimal before and after the change."""

    def money(scale: int) -> dict[str, object]:
        return {"type": "bytes", "logicalType": "decimal", "precision": 28, "scale": scale}

    (fault,) = drift_faults(record(price=money(10)), record(price=money(8)))
    assert "was decimal(28,10) and would be decimal(28,8)" in fault.message
