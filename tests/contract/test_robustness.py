"""Whether the schemas keep to the house rules that make them safe to evolve and to query."""

import re
from typing import Any

from schemas.catalogue import Contract, SchemaVersion

SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
SYMBOL = re.compile(r"[A-Z][A-Z0-9_]*")


def fields(version: SchemaVersion) -> list[dict[str, Any]]:
    """The fields as the schema declares them."""
    declared: list[dict[str, Any]] = version.parsed["fields"]
    return declared


def physical(field: dict[str, Any]) -> str:
    """The Avro type below a logical one."""
    kind = field["type"]["type"] if isinstance(field["type"], dict) else field["type"]
    return str(kind)


def logical(field: dict[str, Any]) -> str | None:
    """The logical type, if there is one."""
    kind: str | None = field["type"].get("logicalType") if isinstance(field["type"], dict) else None
    return kind


def test_the_record_is_namespaced(version: SchemaVersion) -> None:
    """Records live in `marketdata`, so that names do not clash in a shared registry."""
    assert version.parsed["namespace"] == "marketdata"


def test_field_names_are_snake_case(version: SchemaVersion) -> None:
    """A field's name is a column's name, in SQL that may not care for case."""
    names = [field["name"] for field in fields(version)]
    assert [name for name in names if not SNAKE_CASE.fullmatch(name)] == []


def test_no_field_is_a_binary_fraction(version: SchemaVersion) -> None:
    """Money is never a float: 0.1 has no exact float."""
    floats = [field["name"] for field in fields(version) if physical(field) in {"float", "double"}]
    assert floats == []


def test_bytes_are_decimals(version: SchemaVersion) -> None:
    """A bytes field without a decimal's logical type would be a column that cannot be read."""
    plain = [field["name"] for field in fields(version) if physical(field) == "bytes"]
    decimals = [field["name"] for field in fields(version) if logical(field) == "decimal"]
    assert plain == decimals


def test_times_are_instants_in_microseconds(version: SchemaVersion) -> None:
    """What is named `_at` is a timestamp-micros, and every instant is named so."""
    named = [field["name"] for field in fields(version) if field["name"].endswith("_at")]
    typed = [field["name"] for field in fields(version) if logical(field) == "timestamp-micros"]
    assert named == typed


def test_enums_have_a_symbol_for_the_unknown(version: SchemaVersion) -> None:
    """A reader of today survives a symbol of tomorrow: it reads UNKNOWN."""
    for field in fields(version):
        if physical(field) == "enum":
            assert field["type"].get("default") == "UNKNOWN", field["name"]
            assert "UNKNOWN" in field["type"]["symbols"], field["name"]
            assert all(SYMBOL.fullmatch(one) for one in field["type"]["symbols"]), field["name"]


def test_fields_added_later_have_a_default(contract: Contract) -> None:
    """What v1 does not have, records written with v1 must still be read with."""
    original = {field["name"] for field in fields(contract.versions[0])}
    for version in contract.versions[1:]:
        bare = [
            field["name"]
            for field in fields(version)
            if field["name"] not in original and "default" not in field
        ]
        assert not bare, f"{version}: no default at {', '.join(bare)}"


def test_fields_added_later_come_last(contract: Contract) -> None:
    """Columns keep their places: a version begins with the fields of the one before."""
    for before, after in zip(contract.versions, contract.versions[1:], strict=False):
        names = [field["name"] for field in fields(before)]
        kept = [name for name in names if name in {field["name"] for field in fields(after)}]
        assert [field["name"] for field in fields(after)][: len(kept)] == kept
