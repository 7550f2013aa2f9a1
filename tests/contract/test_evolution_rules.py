"""Example changes, accepted and refused: the rules of evolution, as a specification.

The examples stand in `evolution/accepted.json` and `evolution/refused.json`; each changes one
thing of trade v1. A refused one names every field and rule at fault, per direction of reading,
and nothing else may be found. An accepted one is proved by reading real records across it.
"""

import copy
import io
import json
from pathlib import Path
from typing import Any

import fastavro
import pytest

from schemas.catalogue import Contract, SchemaVersion, load_catalogue
from schemas.checks.compatibility import Mode, NamedSchema, contract_faults, history_faults
from schemas.checks.faults import ContractRule
from schemas.checks.resolution import resolution_faults
from schemas.checks.validity import parse_record
from schemas.releases.samples import sample_records

Json = dict[str, Any]

# What Avro's own resolution has nothing against, in either direction.
SILENT = {
    ContractRule.NAMESPACE_KEPT,
    ContractRule.LOGICAL_TYPE_KEPT,
    ContractRule.DECIMAL_KEPT,
    ContractRule.TEXT_STAYS_TEXT,
    ContractRule.ENUM_SYMBOL_KEPT,
    ContractRule.DEFAULT_KEPT,
    ContractRule.ONE_VERSION_HAS_ALL,
    ContractRule.NAME_IS_FREE,
    ContractRule.DECIMAL_FITS,
    ContractRule.TYPE_IS_STORABLE,
}


def examples(kind: str) -> list[Any]:
    """The example changes of one kind, each named by its sentence."""
    path = Path(__file__).with_name("evolution") / f"{kind}.json"
    return [
        pytest.param(example, id=example["sentence"]) for example in json.loads(path.read_bytes())
    ]


ACCEPTED, REFUSED = examples("accepted"), examples("refused")


def changed(schema: Json, change: Json) -> Json:
    """A schema after a change; a path is a field's name, or none for the record, then keys."""
    schema = copy.deepcopy(change.get("replace", schema))
    fields = {field["name"]: field for field in schema.get("fields", [])}

    def holder(path: str) -> tuple[Json, str]:
        name, *keys, last = path.split(".")
        target = fields[name] if name else schema
        for key in keys:
            target = target[key]
        return target, last

    if "remove" in change:
        schema["fields"].remove(fields[change["remove"]])
    if "add" in change:
        schema["fields"].append(change["add"])
    if "move_last" in change:
        moved = fields[change["move_last"]]
        schema["fields"].remove(moved)
        schema["fields"].append(moved)
    for path in change.get("unset", []):
        target, key = holder(path)
        del target[key]
    for path, value in change.get("set", {}).items():
        target, key = holder(path)
        target[key] = value
    return schema


def both_versions(example: Json) -> tuple[Json, Json]:
    """The schema before and after an example change of trade v1."""
    older = changed(load_catalogue().trade.version(1).parsed, example.get("before", {}))
    newer = changed(older, example["change"])
    assert older != newer, "the example changes nothing"
    return older, newer


def faults(example: Json, mode: Mode) -> set[str]:
    """The fields and rules that a change breaks in one mode, as the examples write them."""
    versions = [
        SchemaVersion("trade", number, json.dumps(schema))
        for number, schema in enumerate(both_versions(example), start=1)
    ]
    found = [
        fault
        for fault in contract_faults(Contract("trade", mode, tuple(versions)))
        if "trade v2" in fault.versions
    ]
    assert all(fault.field in fault.message for fault in found), "a message names its field"
    return {f"{fault.field}: {fault.rule}" for fault in found}


def expected(example: Json, *directions: str) -> set[str]:
    """The faults that an example states for directions of reading."""
    return {
        fault for direction in ("both_ways", *directions) for fault in example.get(direction, [])
    }


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.NONE])
@pytest.mark.parametrize("example", ACCEPTED)
def test_an_accepted_change_offends_no_rule(example: Json, mode: Mode) -> None:
    """The change passes in every mode."""
    assert faults(example, mode) == set()


@pytest.mark.parametrize("direction", ["new reads old", "old reads new"])
@pytest.mark.parametrize("example", ACCEPTED)
def test_an_accepted_change_is_readable(example: Json, direction: str) -> None:
    """Real records are read across the change, and what both versions know comes out equal."""
    older, newer = both_versions(example)
    writer, reader = (older, newer) if direction == "new reads old" else (newer, older)
    for name, written in sample_records(writer):
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, copy.deepcopy(writer), written)
        buffer.seek(0)
        schemas = copy.deepcopy(writer), copy.deepcopy(reader)
        read: Any = fastavro.schemaless_reader(buffer, *schemas)
        assert read.keys() == {field["name"] for field in reader["fields"]}, name
        for key in read.keys() & written.keys():
            is_new_symbol = written[key] == "AUCTION" and direction == "old reads new"
            assert read[key] == ("UNKNOWN" if is_new_symbol else written[key]), f"{name}: {key}"


@pytest.mark.parametrize("mode", [Mode.BACKWARD, Mode.BACKWARD_TRANSITIVE])
@pytest.mark.parametrize("example", REFUSED)
def test_what_new_readers_suffer_is_found_backward(example: Json, mode: Mode) -> None:
    """BACKWARD finds the faults stated for new readers, and no others."""
    assert faults(example, mode) == expected(example, "new_reads_old")


@pytest.mark.parametrize("mode", [Mode.FORWARD, Mode.FORWARD_TRANSITIVE])
@pytest.mark.parametrize("example", REFUSED)
def test_what_old_readers_suffer_is_found_forward(example: Json, mode: Mode) -> None:
    """FORWARD finds the faults stated for old readers, and no others."""
    assert faults(example, mode) == expected(example, "old_reads_new")


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.FULL_TRANSITIVE])
@pytest.mark.parametrize("example", REFUSED)
def test_a_refused_change_is_refused_in_full(example: Json, mode: Mode) -> None:
    """FULL, the mode of our topics, finds the faults of both directions, and there are some."""
    stated = expected(example, "new_reads_old", "old_reads_new")
    assert stated
    assert faults(example, mode) == stated


@pytest.mark.parametrize("example", REFUSED)
def test_our_own_rules_are_about_what_avro_lets_pass(example: Json) -> None:
    """Where only our own rules are broken, Avro reads in both directions without an error."""
    rules = {one.split(": ")[1] for one in expected(example, "new_reads_old", "old_reads_new")}
    if rules <= SILENT:
        older, newer = (parse_record(json.dumps(schema)) for schema in both_versions(example))
        assert resolution_faults(reader=newer, writer=older) == []
        assert resolution_faults(reader=older, writer=newer) == []
    else:
        assert rules - SILENT


def test_every_rule_has_an_example() -> None:
    """No rule is without a refused change; what the registry says is tested where it is asked."""
    stated = {
        fault.split(": ")[1]
        for parameter in REFUSED
        for fault in expected(parameter.values[0], "new_reads_old", "old_reads_new")
    }
    asked = {ContractRule.REGISTRY_AGREES, ContractRule.REGISTRY_TAKES_VERSIONS}
    assert stated == set(ContractRule) - asked


def test_transitive_modes_look_beyond_the_last_version() -> None:
    """A field may go and come back as another: only a transitive mode sees what v1 had."""
    first = load_catalogue().trade.version(1).parsed
    second = changed(first, {"remove": "misc"})
    third = changed(second, {"add": {"name": "misc", "type": "long", "default": 0}})
    history = [NamedSchema(f"v{n}", json.dumps(s)) for n, s in enumerate((first, second, third), 1)]
    assert history_faults(history, Mode.FULL) == []
    found = history_faults(history, Mode.FULL_TRANSITIVE)
    assert {fault.versions for fault in found} == {("v3", "v1")}
    assert ("misc", ContractRule.TYPE_RESOLVES) in {(one.field, one.rule) for one in found}


def test_mode_none_compares_nothing_yet_takes_no_unsound_schema() -> None:
    """NONE lets one record follow another, and refuses what is no schema."""
    text = load_catalogue().trade.version(1).text
    history = [NamedSchema("trade", text), NamedSchema("other", text.replace("Trade", "Deal"))]
    assert history_faults(history, Mode.NONE) == []
    assert history_faults([NamedSchema("broken", '{"type": "recor"}')], Mode.NONE) != []
