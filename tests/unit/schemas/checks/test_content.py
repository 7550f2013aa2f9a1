import json

import pytest

from schemas.catalogue import Contract, SchemaVersion
from schemas.checks.compatibility import contract_faults
from schemas.checks.content import content
from schemas.checks.faults import ContractRule
from schemas.registry.reader_choice import choose_reader
from schemas.registry.registered import RegisteredVersion


def text(*fields: str) -> str:
    """A record's schema with optional long fields; `new<old` is a field `new` with an alias."""
    declared = []
    for field in fields:
        name, _, alias = field.partition("<")
        aliases = {"aliases": [alias]} if alias else {}
        declared.append({"name": name, "type": "long", "default": 0, **aliases})
    return json.dumps({"type": "record", "name": "R", "fields": declared})


def contract(*versions: str, mode: str = "FULL_TRANSITIVE") -> Contract:
    """A contract whose versions have these fields, separated by spaces."""
    return Contract(
        "r",
        mode,
        tuple(SchemaVersion("r", at, text(*one.split())) for at, one in enumerate(versions, 1)),
    )


def test_content_is_fields_and_symbols_at_every_depth() -> None:
    """Docs, defaults and order do not count."""
    inner = {"type": "record", "name": "I", "fields": [{"name": "x", "type": "int"}]}
    symbols = {"type": "enum", "name": "E", "symbols": ["A"]}
    schema = {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": "a", "type": ["null", {"type": "array", "items": inner}]},
            {"name": "b", "type": {"type": "map", "values": symbols}},
        ],
    }
    assert content(json.dumps(schema)) == {"a", "a.x", "b", "b=A"}


def test_a_former_name_counts_where_a_reader_would_find_it() -> None:
    """An alias is a name of the field for a reader, and no field of its own."""
    schema = text("remark<misc")
    assert content(schema) == {"remark"}
    assert content(schema, aliases=True) == {"remark", "misc"}


@pytest.mark.parametrize(
    "versions",
    [
        pytest.param(["a b", "a", "a b c"], id="removed, and back with the next new one"),
        pytest.param(["a b", "a b c", "a c"], id="removed after another was added"),
        pytest.param(["a b", "a", "b"], id="the first has all"),
        pytest.param(["a misc", "a remark<misc", "a remark<misc note"], id="renamed, then added"),
    ],
)
def test_the_stream_reads_into_the_version_that_has_all(versions: list[str]) -> None:
    """A contract without a fault has such a version, and a start chooses it or its alias."""
    sound = contract(*versions)
    assert contract_faults(sound) == []
    held = [RegisteredVersion("s", one.version, one.version, one.text) for one in sound.versions]
    reader = content(choose_reader(held, sound).reader.text, aliases=True)
    assert all(reader >= content(one.text) for one in sound.versions)


@pytest.mark.parametrize(
    ("versions", "fault"),
    [
        (["a b", "a c"], "r v2 may not follow r v1: field b is missing while c is new"),
        (["a b", "a", "a c"], "r v3 may not follow r v1: field b is missing while c is new"),
        (["a", "a b", "a c"], "r v3 may not follow r v2: field b is missing while c is new"),
    ],
)
def test_a_version_that_removes_and_adds_is_refused(versions: list[str], fault: str) -> None:
    """Whichever version the stream read into, records would lose a field."""
    (found,) = contract_faults(contract(*versions))
    assert found.rule is ContractRule.ONE_VERSION_HAS_ALL
    assert str(found).startswith(fault)


def test_the_last_version_alone_counts_in_a_mode_that_is_not_transitive() -> None:
    """Older versions do not have to be read in it."""
    assert contract_faults(contract("a b", "a", "a c", mode="FULL")) == []
    (found,) = contract_faults(contract("a b", "a c", mode="FULL"))
    assert found.versions == ("r v2", "r v1")
