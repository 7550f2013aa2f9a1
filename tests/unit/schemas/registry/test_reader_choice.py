import json
from dataclasses import replace
from typing import Any

import pytest

from schemas.catalogue import load_catalogue
from schemas.registry.reader_choice import Reader, choose_reader, standing_faults
from schemas.registry.registered import RegisteredVersion

CONTRACT = load_catalogue().trade
V1, V2 = (version.parsed for version in CONTRACT.versions[:2])
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 28, "scale": 8}


def held(*schemas: Any) -> list[RegisteredVersion]:
    """A subject's versions, numbered from 1."""
    return [
        RegisteredVersion("s", at, 10 + at, json.dumps(schema))
        for at, schema in enumerate(schemas, start=1)
    ]


def plus(schema: Any, **types: Any) -> Any:
    """A schema with more fields, each with a default that fits."""
    fields = [{"name": name, "type": kind, "default": ""} for name, kind in types.items()]
    return {**schema, "fields": [*schema["fields"], *fields]}


def minus(schema: Any, name: str) -> Any:
    """A schema without one field."""
    return {**schema, "fields": [one for one in schema["fields"] if one["name"] != name]}


def retyped(schema: Any, name: str, kind: Any) -> Any:
    """A schema in which one field has another type."""
    fields = [{**one, "type": kind} if one["name"] == name else one for one in schema["fields"]]
    return {**schema, "fields": fields}


NOTED = plus(V2, note="string")


@pytest.mark.parametrize(
    ("versions", "reader"),
    [
        pytest.param(held(V1, V2), V2, id="in order"),
        pytest.param(held(V1), V2, id="ours is newer than the registry's"),
        pytest.param(held(V2, V1), V2, id="an old text came back with a higher number"),
        pytest.param(held(V2, NOTED), NOTED, id="one that adds a field"),
        pytest.param(held(NOTED, V2), NOTED, id="the fuller one has the lower number"),
        pytest.param(held(V2, plus(V1, note="string")), V2, id="it adds one and lacks another"),
        pytest.param(held(V2, minus(V2, "misc")), V2, id="a field removed that had a default"),
        pytest.param(held(V2, retyped(NOTED, "price", DECIMAL)), V2, id="another scale"),
        pytest.param(held(V2, plus(V2, Price="string")), V2, id="a name that differs by capitals"),
        pytest.param(held(V2, plus(V2, Symbol="string")), V2, id="the symbol's name in capitals"),
        pytest.param(held(V2, plus(V2, hour="string")), V2, id="a folder's name"),
        pytest.param(held(V2, plus(V2, guard_="string")), plus(V2, guard_="string"), id="guard_"),
        pytest.param(held(V2, {**NOTED, "name": "Order"}), V2, id="another record"),
        pytest.param(held(V2, {**NOTED, "namespace": "x"}), V2, id="another namespace"),
        pytest.param(held(V2, "string"), V2, id="no record"),
    ],
)
def test_the_reader_loses_nothing(versions: list[RegisteredVersion], reader: Any) -> None:
    """It has every field of the catalogue's newest, keeps its rules, and adds what others have."""
    assert json.loads(choose_reader(versions, CONTRACT).reader.text) == reader


def test_the_present_reader_keeps_its_fields() -> None:
    """Of two that each lack a field of the other, the one at work stays."""
    present = Reader("now", json.dumps(NOTED))
    other = plus(V2, remark="string")
    choice = choose_reader(held(V2, other), CONTRACT, present)
    assert choice.reader == present
    assert [(one.version.version, one.reason) for one in choice.passed_over] == [
        (2, "is none of ours and lacks note, which now has"),
    ]


@pytest.mark.parametrize("kind", ["JSON", "PROTOBUF"])
def test_a_schema_of_another_kind_is_passed_over(kind: str) -> None:
    """Under NONE a subject takes one; it is called what it is."""
    versions = [*held(V1, V2), RegisteredVersion("s", 3, 13, 'syntax = "proto3";', kind)]
    choice = choose_reader(versions, CONTRACT)
    assert choice.reader.name == "trade v2"
    assert [one.reason for one in choice.passed_over] == [f"is a schema of kind {kind}, not Avro"]


def test_a_version_whose_references_are_gone_is_passed_over() -> None:
    """With what is known of it."""
    first, broken = held(V2, NOTED)
    choice = choose_reader([first, replace(broken, fault="refers to nothing")], CONTRACT)
    assert choice.reader.name == "trade v2"
    assert [one.reason for one in choice.passed_over] == ["refers to nothing"]


def test_a_deleted_version_becomes_no_reader() -> None:
    """Whoever deleted it wants no more of it."""
    first, deleted = held(V2, NOTED)
    choice = choose_reader([first, replace(deleted, deleted=True)], CONTRACT)
    assert choice.reader.name == "trade v2"
    assert choice.passed_over == ()


def test_older_versions_in_their_order_are_no_news() -> None:
    """v1 before v2 is how it should be, and v1 alone until v2 is registered."""
    assert choose_reader(held(V1, V2), CONTRACT).passed_over == ()
    assert choose_reader(held(V1), CONTRACT).passed_over == ()


def test_what_should_not_be_in_the_registry_is_reported() -> None:
    """A newest version that is older than ours, and a version that the contract refuses."""
    assert standing_faults(held(V1, V2, V1), CONTRACT) == [
        "s version 3 (id 13) is trade v1, older than trade v2, and lacks feed, which trade v2 has"
    ]
    (fault,) = standing_faults(held(V1, retyped(V2, "price", DECIMAL), V2), CONTRACT)
    assert "s version 2 (id 12) is refused by the contract" in fault
    assert "price was decimal(28,10) and would be decimal(28,8)" in fault
