"""What the page of the contract shows of a registry that answers as Confluent's does."""

import pytest

from console.services.contract import ask_registry
from runtime.settings import RegistrySettings
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry
from schemas.registry.plan import plan_registration
from schemas.registry.registration import apply_plan
from tests.confluent_registry.server import serve_registry

VALUES = {"resourceName": "trades", "resourceNamespace": "c", "associationType": "value"}


@pytest.mark.parametrize("subject", ["trades-value", "desk.trade"])
def test_the_subject_is_the_one_that_the_producer_uses(subject: str) -> None:
    """The topic's own, or the one that the registry associates with it."""
    with serve_registry() as registry:
        if subject != "trades-value":
            registry.store.associations.append({**VALUES, "subject": subject})
        settings = RegistrySettings(url=registry.url)
        before = ask_registry(settings, "trades")
        client = Registry(settings)
        apply_plan(plan_registration(load_catalogue(), "trades", client), client)
        after = ask_registry(settings, "trades")
    subjects = [subject, "trades.cursors-value"]
    assert [one.subject for one in before] == [one.subject for one in after] == subjects
    assert {one.level for one in before} == {"not registered"}
    assert {one.level for one in after} == {"FULL_TRANSITIVE"}
    assert all(row.registered and not row.remark for one in after for row in one.rows)
