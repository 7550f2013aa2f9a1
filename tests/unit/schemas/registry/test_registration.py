import json
from typing import TYPE_CHECKING

import pytest

from runtime.settings import RegistrySettings
from schemas.catalogue import load_catalogue
from schemas.errors import IncompatibleSchema
from schemas.registry.client import Registry
from schemas.registry.plan import plan_registration
from schemas.registry.registration import Registration, apply_plan

if TYPE_CHECKING:
    from conftest import FakeRegistry

CATALOGUE = load_catalogue()
ALL = [version for contract in CATALOGUE for version in contract.versions]


def run(settings: RegistrySettings) -> list[Registration]:
    """Register everything for topic `t`, as a run of the command does."""
    registry = Registry(settings)
    return apply_plan(plan_registration(CATALOGUE, "t", registry), registry)


def test_the_first_run_registers_and_sets_the_modes(
    settings: RegistrySettings, fake: "FakeRegistry"
) -> None:
    """Every version gets an id, every subject its mode, the modes first."""
    done = run(settings)
    assert [one.version for one in done] == ALL
    assert all(one.is_new and one.mode_is_new for one in done)
    assert fake.modes == {"t-value": "FULL_TRANSITIVE", "t.cursors-value": "FULL_TRANSITIVE"}
    assert [text for _, text in fake.subjects["t-value"]] == [
        version.text for version in CATALOGUE.trade.versions
    ]
    assert [method for method, _ in fake.writes] == ["PUT"] * 2 + ["POST"] * len(ALL)


def test_a_second_run_changes_nothing(settings: RegistrySettings, fake: "FakeRegistry") -> None:
    """The same ids come out, and the registry is not written to."""
    first = run(settings)
    fake.writes.clear()
    second = run(settings)
    assert [one.schema_id for one in second] == [one.schema_id for one in first]
    assert not any(one.is_new or one.mode_is_new for one in second)
    assert fake.writes == []


def test_nothing_is_registered_if_anything_is_refused(
    settings: RegistrySettings, fake: "FakeRegistry"
) -> None:
    """A fault of the last subject keeps the first from being touched, and is reported in full."""
    schema = json.loads(CATALOGUE.cursor.version(1).text)
    schema["fields"][2]["type"] = "string"
    fake.put("t.cursors-value", json.dumps(schema))
    with pytest.raises(IncompatibleSchema) as raised:
        run(settings)
    assert "t.cursors-value version 1" in str(raised.value)
    assert "last_trade_id" in str(raised.value)
    assert "type_resolves" in str(raised.value)
    assert fake.writes == []


def test_a_run_that_was_cut_short_is_taken_up(
    settings: RegistrySettings, fake: "FakeRegistry"
) -> None:
    """What the registry refuses in the middle leaves a state that the next run completes."""
    fake.refused.add("t.cursors-value")
    with pytest.raises(IncompatibleSchema, match=r"t\.cursors-value"):
        run(settings)
    fake.refused.clear()
    done = {one.version.record: one.is_new for one in run(settings)}
    assert done == {"trade": False, "cursor": True}
