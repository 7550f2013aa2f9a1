import json

import pytest
from avro.schema import parse

from schemas.checks.defaults import default_fits

PAIR = {
    "type": "record",
    "name": "Pair",
    "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "int", "default": 0}],
}
FIXED = {"type": "fixed", "name": "Two", "size": 2}
ENUM = {"type": "enum", "name": "Letter", "symbols": ["A", "B"]}


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("null", None),
        ("boolean", False),
        ("int", -(2**31)),
        ("int", 2**31 - 1),
        ("long", 2**63 - 1),
        ("double", 1),
        ("float", 0.5),
        ("string", ""),
        ("bytes", "\u00ff"),
        (FIXED, "ab"),
        (ENUM, "A"),
        ({"type": "array", "items": "int"}, []),
        ({"type": "array", "items": "int"}, [1]),
        ({"type": "map", "values": "string"}, {"a": ""}),
        (["null", "string"], None),
        (PAIR, {"a": 1}),
        (PAIR, {"a": 1, "b": 2}),
    ],
)
def test_a_default_of_its_type_fits(kind: object, default: object) -> None:
    """Every type takes its own values, as JSON writes them."""
    assert default_fits(default, parse(json.dumps(kind)))


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("null", ""),
        ("boolean", 0),
        ("int", 2**31),
        ("int", True),
        ("int", 1.0),
        ("long", 2**63),
        ("long", "1"),
        ("double", "0.5"),
        ("double", True),
        ("string", None),
        ("bytes", "€"),
        ("bytes", 1),
        (FIXED, "a"),
        (ENUM, "C"),
        ({"type": "array", "items": "int"}, {}),
        ({"type": "array", "items": "int"}, ["1"]),
        ({"type": "map", "values": "string"}, {"a": 1}),
        (["null", "string"], ""),
        (PAIR, {"b": 1}),
        (PAIR, {"a": "1"}),
        (PAIR, []),
    ],
)
def test_a_default_of_another_type_does_not(kind: object, default: object) -> None:
    """A value that a reader could not put into the field is no default for it."""
    assert not default_fits(default, parse(json.dumps(kind)))
