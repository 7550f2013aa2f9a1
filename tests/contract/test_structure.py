"""Whether the schema files are where, and what, the catalogue takes them for."""

import fastavro

from producer.model.trade import FIRST_MICROS, LAST_MICROS
from producer.model.units import micros_of
from schemas.catalogue import SCHEMAS_FOLDER, SchemaVersion, load_catalogue
from schemas.checks.validity import validity_faults
from schemas.rules import Before, NotBefore, Rule, load_rules


def test_every_schema_file_is_in_the_catalogue() -> None:
    """No `.avsc` lies about that the catalogue, and so this suite, does not cover."""
    declared = {
        SCHEMAS_FOLDER / version.record / f"v{version.version}.avsc"
        for contract in load_catalogue()
        for version in contract.versions
    }
    assert declared == set(SCHEMAS_FOLDER.rglob("*.avsc"))


def test_the_record_is_named_after_its_folder(version: SchemaVersion) -> None:
    """`schemas/trade/` holds the versions of the record Trade, and of no other."""
    assert version.parsed["type"] == "record"
    assert version.parsed["name"] == version.record.title()


def test_every_record_and_field_has_a_doc(version: SchemaVersion) -> None:
    """The schema in the registry documents each field."""
    silent = [field["name"] for field in version.parsed["fields"] if not field.get("doc")]
    assert version.parsed.get("doc")
    assert not silent, f"{version}: no doc at {', '.join(silent)}"


def test_the_schema_is_sound_by_itself(version: SchemaVersion) -> None:
    """It is valid Avro, every default fits its type, every logical type is one."""
    faults = validity_faults(version.text)
    assert not faults, "\n".join(f"{version}: {one.field} {one.message}" for one in faults)


def test_fastavro_parses_it(version: SchemaVersion) -> None:
    """The library that encodes takes the schema too."""
    parsed = fastavro.parse_schema(version.parsed)
    assert parsed["name"] == f"{version.parsed['namespace']}.{version.parsed['name']}"


def test_every_rule_is_about_a_field_of_the_newest_trade() -> None:
    """Each rule of a schema has a name of its own and names a field of the schema."""
    fields = {field["name"] for field in load_catalogue().trade.newest.parsed["fields"]}
    rules: tuple[Rule, ...] = load_rules("trade")
    assert {rule.field for rule in rules} <= fields
    assert len({rule.name for rule in rules}) == len(rules)


def test_every_time_of_a_trade_has_bounds() -> None:
    """A time without them lands in years that break the readers of a whole file."""
    times = {
        field["name"]
        for field in load_catalogue().trade.newest.parsed["fields"]
        if isinstance(field["type"], dict) and "timestamp" in field["type"].get("logicalType", "")
    }
    rules = load_rules("trade")
    assert times
    for bound in (NotBefore, Before):
        assert times == {rule.field for rule in rules if isinstance(rule, bound)}


def test_the_producer_keeps_the_bounds_of_times() -> None:
    """It refuses what the stream would quarantine, at the same microsecond."""
    for rule in load_rules("trade"):
        if isinstance(rule, NotBefore):
            assert micros_of(rule.moment) == FIRST_MICROS
        if isinstance(rule, Before):
            assert micros_of(rule.moment) == LAST_MICROS + 1
