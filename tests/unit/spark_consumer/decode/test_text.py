import json
from typing import Any

import pytest

from schemas.catalogue import load_catalogue
from spark_consumer.decode.text import (
    _Fields,
    _Items,
    _Map,
    _Schema,
    _Shape,
    _Text,
    text_conditions,
)


def plain(shape: _Shape | None) -> Any:
    """A shape as plain data."""
    match shape:
        case None:
            return None
        case _Items(items):
            return [plain(items)]
        case _Map(values):
            return {"*": plain(values)}
        case _Fields(fields):
            return {name: plain(inner) for name, inner in fields.items()}
        case _Text():
            return "text"


def text_in(kind: object) -> Any:
    """Where a field of this type holds text."""
    record = {"type": "record", "name": "a.R", "fields": [{"name": "f", "type": kind}]}
    shape = plain(_Schema().shape(record, ""))
    return shape and shape["f"]


POINT = {"type": "record", "name": "Point", "fields": [{"name": "name", "type": "string"}]}


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("string", "text"),
        ({"type": "string", "avro.java.string": "String"}, "text"),
        (["null", "string"], "text"),
        ("long", None),
        ("bytes", None),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, None),
        ({"type": "fixed", "name": "F", "size": 4}, None),
        ({"type": "bytes", "logicalType": "decimal", "precision": 28, "scale": 10}, None),
        ({"type": "array", "items": "string"}, ["text"]),
        ({"type": "array", "items": ["null", "string"]}, ["text"]),
        ({"type": "array", "items": "long"}, None),
        ({"type": "array", "items": {"type": "array", "items": "string"}}, [["text"]]),
        ({"type": "map", "values": "string"}, {"*": "text"}),
        ({"type": "map", "values": "long"}, {"*": None}),
        (POINT, {"name": "text"}),
        (["null", POINT], {"name": "text"}),
        (["null", "string", "long"], {"member0": "text"}),
        (["long", "null", POINT], {"member1": {"name": "text"}}),
        (["int", "long"], None),
    ],
)
def test_text_is_found_at_every_depth(kind: object, where: object) -> None:
    """In items, keys, values, fields and branches; not where there can be none."""
    assert text_in(kind) == where


def test_a_type_that_was_named_before_is_known_again() -> None:
    """By its short name within the namespace, or in full."""
    fields = [
        {"name": "first", "type": POINT},
        {"name": "second", "type": "Point"},
        {"name": "third", "type": ["null", "a.b.Point"]},
    ]
    record = {"type": "record", "name": "R", "namespace": "a.b", "fields": fields}
    inner = {"name": "text"}
    assert plain(_Schema().shape(record, "")) == dict.fromkeys(("first", "second", "third"), inner)


def test_a_type_within_itself_ends() -> None:
    """Spark refuses it anyway."""
    node = {
        "type": "record",
        "name": "Node",
        "fields": [{"name": "next", "type": ["null", "Node"]}, {"name": "text", "type": "string"}],
    }
    assert text_in(node) == {"text": "text"}


def test_the_trade_has_text_in_plain_fields_alone() -> None:
    """So its checks are as cheap as they were: a look at each such column."""
    newest = json.loads(load_catalogue().trade.newest.text)
    shape = plain(_Schema().shape(newest, ""))
    assert set(shape.values()) == {"text"}
    assert {"exchange", "symbol", "misc"} <= set(shape)


def test_conditions_are_sql_over_the_columns() -> None:
    """Each is true for null, and inner names do not hide outer ones."""
    fields = [
        {"name": "id", "type": "long"},
        {"name": "misc", "type": "string"},
        {"name": "notes", "type": {"type": "array", "items": {"type": "map", "values": POINT}}},
    ]
    record = {"type": "record", "name": "R", "fields": fields}
    inner = "coalesce(coalesce(is_valid_utf8(item1.`name`), true), true)"
    keys = "forall(map_keys(item0), item1 -> is_valid_utf8(item1))"
    values = f"forall(map_values(item0), item1 -> {inner})"
    assert text_conditions(json.dumps(record)) == [
        "coalesce(is_valid_utf8(`misc`), true)",
        f"coalesce(forall(`notes`, item0 -> coalesce({keys} AND {values}, true)), true)",
    ]
