import json

import pytest

from schemas.catalogue import Contract, SchemaVersion
from schemas.checks.compatibility import Mode, NamedSchema, candidate_faults, contract_faults
from schemas.checks.faults import ContractRule


def text(*names: str, name: str = "R") -> str:
    """A record's schema with mandatory long fields of these names."""
    fields = [{"name": field, "type": "long"} for field in names]
    return json.dumps({"type": "record", "name": name, "fields": fields})


@pytest.mark.parametrize(
    ("mode", "new_reads_old", "old_reads_new", "transitive"),
    [
        (Mode.NONE, False, False, False),
        (Mode.BACKWARD, True, False, False),
        (Mode.BACKWARD_TRANSITIVE, True, False, True),
        (Mode.FORWARD, False, True, False),
        (Mode.FORWARD_TRANSITIVE, False, True, True),
        (Mode.FULL, True, True, False),
        (Mode.FULL_TRANSITIVE, True, True, True),
    ],
)
def test_what_each_mode_asks(
    mode: Mode, *, new_reads_old: bool, old_reads_new: bool, transitive: bool
) -> None:
    """The modes mean here what they mean to the registries."""
    asked = (mode.new_reads_old, mode.old_reads_new, mode.transitive)
    assert asked == (new_reads_old, old_reads_new, transitive)


def test_a_fault_names_field_rule_and_versions() -> None:
    """The sentence alone tells what to do: which versions, which field, which rule."""
    contract = Contract(
        "r", "FULL", (SchemaVersion("r", 1, text("a")), SchemaVersion("r", 2, text("a", "b")))
    )
    (fault,) = contract_faults(contract)
    assert (fault.field, fault.rule) == ("b", ContractRule.NEW_FIELD_HAS_DEFAULT)
    assert fault.versions == ("r v2", "r v1")
    assert str(fault) == (
        "r v2 cannot read r v1: field b has no default, and the writer does not know it "
        "[new_field_has_default]"
    )


def test_the_same_fault_in_both_directions_is_reported_once() -> None:
    """A renamed record fails either way, and one sentence about it is enough."""
    new, old = NamedSchema("new", text("a", name="S")), NamedSchema("old", text("a"))
    assert len(candidate_faults(new, [old], Mode.FULL)) == 1


def test_an_unreadable_predecessor_is_reported() -> None:
    """No version can follow one that is not an Avro record, and the message says so."""
    new, old = NamedSchema("new", text("a")), NamedSchema("old", 'syntax = "proto3";')
    (fault,) = candidate_faults(new, [old], Mode.BACKWARD)
    assert fault.rule is ContractRule.VALID_AVRO
    assert fault.message.startswith("old cannot be followed")
