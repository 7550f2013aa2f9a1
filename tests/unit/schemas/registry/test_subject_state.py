"""What is asked before anything is written, on a registry that answers as the genuine one."""

from typing import TYPE_CHECKING

import httpx
import pytest

from runtime.settings import RegistrySettings
from schemas.catalogue import load_catalogue
from schemas.checks.faults import ContractRule
from schemas.errors import (
    AssociationAmbiguous,
    IncompatibleSchema,
    OperationNotPermitted,
    RegistryUnavailable,
    SchemaInvalid,
    SubjectNotFound,
)
from schemas.registry.client import Registry
from schemas.registry.plan import plan_registration
from schemas.registry.registration import apply_plan
from schemas.registry.subject_state import associated_subject, subject_state

if TYPE_CHECKING:
    from tests.confluent_registry.server import RunningRegistry

CATALOGUE = load_catalogue()
V1 = CATALOGUE.trade.version(1).text
TOPIC = "kraken.trades"


def put(registry: "RunningRegistry", path: str, body: dict[str, object]) -> None:
    """Somebody else changes the registry."""
    httpx.put(f"{registry.url}{path}", json=body).raise_for_status()
    registry.writes.clear()


def register(client: Registry, topic: str = TOPIC) -> list[int]:
    """One run of the command; gives the ids."""
    plans = plan_registration(CATALOGUE, topic, client)
    return [one.schema_id for one in apply_plan(plans, client)]


def test_a_context_inherits_its_level(genuine: "RunningRegistry") -> None:
    """A context without a level of its own is asked through to the registry's, and registers."""
    desk = Registry(RegistrySettings(url=f"{genuine.url}/contexts/.desk"))
    assert subject_state(desk, "s").level == "BACKWARD"
    assert register(desk) == [1, 2, 3, 4]
    assert set(genuine.store.versions) == {
        ":.desk:kraken.trades-value",
        ":.desk:kraken.trades.cursors-value",
    }


@pytest.mark.parametrize("mode", ["READONLY", "READONLY_OVERRIDE", "IMPORT"])
@pytest.mark.parametrize("scope", ["/mode", "/mode/kraken.trades.cursors-value"])
def test_a_mode_that_forbids_is_reported_before_anything_is_changed(
    genuine: "RunningRegistry", client: Registry, mode: str, scope: str
) -> None:
    """`check` names subject and mode; `register` changes nothing, the other subject included."""
    put(genuine, scope, {"mode": mode})
    plans = plan_registration(CATALOGUE, TOPIC, client)
    faults = [fault for plan in plans for fault in plan.faults]
    assert {fault.rule for fault in faults} == {ContractRule.REGISTRY_TAKES_VERSIONS}
    assert all(f"is in mode {mode} and takes no new versions" in str(fault) for fault in faults)
    with pytest.raises(IncompatibleSchema, match=mode):
        apply_plan(plans, client)
    assert genuine.writes == []


def test_a_mode_that_forbids_what_nobody_wants_is_no_fault(
    genuine: "RunningRegistry", client: Registry
) -> None:
    """Where all is registered, a read-only registry is as good as any."""
    register(client)
    put(genuine, "/mode", {"mode": "READONLY"})
    register(client)
    assert genuine.writes == []


@pytest.mark.parametrize(
    ("setting", "after"),
    [({}, None), ({"compatibility": "NONE"}, "NONE"), ({"normalize": True}, "FULL_TRANSITIVE")],
)
def test_modes_are_taken_back_if_nothing_could_be_registered(
    genuine: "RunningRegistry", client: Registry, setting: dict[str, object], after: str | None
) -> None:
    """What the registry forbids only when it is tried leaves the modes as they were."""
    subject = "kraken.trades-value"
    if setting:
        put(genuine, f"/config/{subject}", setting)
    plans = plan_registration(CATALOGUE, TOPIC, client)
    put(genuine, "/mode", {"mode": "IMPORT"})
    with pytest.raises(OperationNotPermitted, match="not in read-write mode"):
        apply_plan(plans, client)
    own = genuine.store.configs.get(subject, {})
    assert own.get("compatibilityLevel") == after


def test_an_alias_is_resolved(genuine: "RunningRegistry", client: Registry) -> None:
    """Versions and level are those of the subject behind it; the alias has no level of its own."""
    put(genuine, "/config/kraken.trades-value", {"alias": "desk.trades-value"})
    state = subject_state(client, "kraken.trades-value")
    assert (state.target, state.own_level) == ("desk.trades-value", None)
    ids = register(client)
    assert register(client) == [*ids[:2], *ids[3:]]
    assert genuine.store.configs == {
        "kraken.trades-value": {"alias": "desk.trades-value"},
        "desk.trades-value": {"compatibilityLevel": "FULL_TRANSITIVE"},
        "kraken.trades.cursors-value": {"compatibilityLevel": "FULL_TRANSITIVE"},
    }


def associate(registry: "RunningRegistry", topic: str, *subjects: str) -> None:
    """Tie a topic's values to subjects, each for a cluster of its own."""
    for subject in subjects:
        registry.store.associations.append(
            {
                "resourceName": topic,
                "resourceNamespace": f"cluster of {subject}",
                "associationType": "value",
                "subject": subject,
            }
        )


def test_an_association_is_followed(genuine: "RunningRegistry", client: Registry) -> None:
    """Where the registry ties a topic to a subject, that one is registered."""
    associate(genuine, "trades", "desk.trade")
    assert associated_subject(client, "trades", "trades-value") == "desk.trade"
    register(client, "trades")
    assert set(genuine.store.versions) == {"desk.trade", "trades.cursors-value"}


def test_several_associations_are_refused(genuine: "RunningRegistry", client: Registry) -> None:
    """Which one is meant cannot be known, and both are named."""
    associate(genuine, "trades", "one", "two")
    with pytest.raises(AssociationAmbiguous, match="one, two"):
        associated_subject(client, "trades", "trades-value")


def test_a_topic_with_a_dot_has_no_association(
    genuine: "RunningRegistry", client: Registry
) -> None:
    """The registry accepts no new version, so it is not asked whether this one is compatible."""
    assert associated_subject(client, TOPIC, "kraken.trades-value") == "kraken.trades-value"
    assert genuine.asked == []


def test_what_a_login_may_not_ask_is_done_without(genuine: "RunningRegistry") -> None:
    """A login that may read schemas alone finds its subject, as it did before there was more."""
    client = Registry(RegistrySettings(url=genuine.url))
    genuine.status = 403
    assert associated_subject(client, "trades", "trades-value") == "trades-value"


def test_a_bad_schema_and_a_forbidden_one_are_distinguished(
    genuine: "RunningRegistry", client: Registry
) -> None:
    """Both are HTTP 422; the registry's code says which."""
    with pytest.raises(SchemaInvalid, match="no Avro"):
        client.register("s", '{"type": "recrod"}')
    put(genuine, "/mode", {"mode": "READONLY"})
    with pytest.raises(OperationNotPermitted, match="read-only mode"):
        client.register("s", V1)


def test_a_time_out_names_its_setting(genuine: "RunningRegistry") -> None:
    """Whoever meets it learns which variable to raise."""
    genuine.delay = 0.3
    settings = RegistrySettings(url=genuine.url, timeout_seconds=0.05)
    with pytest.raises(RegistryUnavailable, match="SCHEMA_REGISTRY_TIMEOUT_SECONDS"):
        Registry(settings).versions("s")


def test_a_missing_subject_names_the_remedy(client: Registry) -> None:
    """The sentence has the command in it."""
    with pytest.raises(SubjectNotFound, match="make register-schemas"):
        client.versions("s")


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("JSON", '{"type": "object"}', "is a JSON schema, and trade is Avro"),
        ("PROTOBUF", 'syntax = "proto3"; message T {}', "is a Protobuf schema, and trade is Avro"),
    ],
)
def test_a_subject_of_another_kind_is_called_that(
    genuine: "RunningRegistry", client: Registry, kind: str, text: str, said: str
) -> None:
    """Once, by subject and version, and not as bad Avro."""
    body = {"schema": text, "schemaType": kind}
    url = f"{genuine.url}/subjects/kraken.trades-value/versions"
    httpx.post(url, json=body).raise_for_status()
    trades, _ = plan_registration(CATALOGUE, TOPIC, client)
    (fault,) = trades.faults
    assert f"kraken.trades-value version 1 {said}" in str(fault)
