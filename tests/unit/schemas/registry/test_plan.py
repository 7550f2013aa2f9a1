import json
from typing import TYPE_CHECKING

import pytest

from runtime.settings import RegistrySettings
from schemas.catalogue import Catalogue, load_catalogue
from schemas.checks.faults import ContractRule
from schemas.errors import RegistryAnswerInvalid
from schemas.registry.client import Registry
from schemas.registry.plan import SubjectPlan, plan_registration

if TYPE_CHECKING:
    from conftest import FakeRegistry

CATALOGUE = load_catalogue()
V1 = CATALOGUE.trade.version(1).text


class SubjectPlanner:
    """Plans against the running fake."""

    def __init__(self, settings: RegistrySettings) -> None:
        self._registry = Registry(settings)

    def __call__(self, catalogue: Catalogue = CATALOGUE) -> SubjectPlan:
        """The trades' part of a plan."""
        trades, _ = plan_registration(catalogue, "t", self._registry)
        return trades


@pytest.fixture
def plan(settings: RegistrySettings) -> SubjectPlanner:
    """Plans for topic `t` and gives what concerns the trades."""
    return SubjectPlanner(settings)


def with_field(text: str, name: str, **changes: object) -> str:
    """A schema's text with one field declared differently."""
    schema = json.loads(text)
    next(field for field in schema["fields"] if field["name"] == name).update(changes)
    return json.dumps(schema)


def test_an_empty_registry_needs_everything(plan: SubjectPlanner, fake: "FakeRegistry") -> None:
    """Every version is to be registered and the mode to be set; planning changes nothing."""
    planned = plan()
    assert planned.subject == "t-value"
    assert [step.held for step in planned.steps] == [None] * len(CATALOGUE.trade.versions)
    assert planned.changes_mode
    assert planned.mode_in_force == ("BACKWARD" if fake.dialect == "confluent" else "NONE")
    assert planned.faults == ()
    assert fake.writes == []


def test_what_is_held_is_left_alone(plan: SubjectPlanner, fake: "FakeRegistry") -> None:
    """A version that the registry holds keeps its id, and a mode that is set stays."""
    ids = [fake.put("t-value", version.text) for version in CATALOGUE.trade.versions]
    fake.modes["t-value"] = "FULL_TRANSITIVE"
    planned = plan()
    assert [step.held.schema_id for step in planned.steps if step.held] == ids
    assert not planned.changes_mode
    assert planned.unknown == ()


def test_white_space_is_no_stranger(plan: SubjectPlanner, fake: "FakeRegistry") -> None:
    """The same schema in another lay-out is ours, and registered again only where it must be."""
    fake.put("t-value", json.dumps(json.loads(V1), indent=2))
    planned = plan()
    assert planned.unknown == ()
    assert planned.faults == ()
    assert (planned.steps[0].held is None) == (fake.dialect == "apicurio")


def test_an_incompatible_stranger_is_refused_by_field_and_rule(
    plan: SubjectPlanner, fake: "FakeRegistry"
) -> None:
    """A registry in mode NONE holds anything; the check still finds what no version may follow."""
    fake.modes["t-value"] = "NONE"
    fake.put("t-value", with_field(V1, "trade_id", type="string"))
    planned = plan()
    assert [held.version for held in planned.unknown] == [1]
    fault = planned.faults[0]
    assert (fault.field, fault.rule) == ("trade_id", ContractRule.TYPE_RESOLVES)
    assert fault.message.startswith("trade v1 cannot read t-value version 1: field trade_id")


def test_a_compatible_stranger_is_only_reported(plan: SubjectPlanner, fake: "FakeRegistry") -> None:
    """A version that another client registered, and that fits, is shown and left alone."""
    fake.put("t-value", with_field(V1, "price", doc="Reworded."))
    planned = plan()
    assert len(planned.unknown) == 1
    assert planned.faults == ()


def test_strangers_among_themselves_are_not_our_fault(
    plan: SubjectPlanner, fake: "FakeRegistry"
) -> None:
    """No fault is reported that is not the catalogue's."""
    fake.put("t-value", with_field(V1, "misc", type="int", default=0))
    fake.put("t-value", with_field(V1, "misc", type="boolean", default=False))
    for fault in plan().faults:
        assert any(name.startswith("trade") for name in fault.versions)


def test_the_registry_has_the_last_word(plan: SubjectPlanner, fake: "FakeRegistry") -> None:
    """What we find nothing wrong with, a stricter registry may refuse, without a reason."""
    fake.put("t-value", with_field(V1, "price", doc="Reworded."))
    fake.refused.add("t-value")
    assert {fault.rule for fault in plan().faults} == {ContractRule.REGISTRY_AGREES}


@pytest.mark.parametrize("fake", ["confluent"], indirect=True)
def test_a_mode_that_nobody_knows_is_reported(plan: SubjectPlanner, fake: "FakeRegistry") -> None:
    """A registry that answers with a mode of its own is not guessed at."""
    fake.modes["t-value"] = "SIDEWAYS"
    with pytest.raises(RegistryAnswerInvalid, match="SIDEWAYS"):
        plan()
