"""Rules and metadata on a registry that keeps them, as the genuine one does."""

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from typer.testing import CliRunner

from schemas.__main__ import app
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry, same_schema
from schemas.registry.data_contract import rules_of_others
from schemas.registry.plan import plan_registration
from schemas.registry.published_rules import cel, declared_rule_set, holds_rules, inexpressible
from schemas.registry.registration import Registration, apply_plan
from schemas.rules import rules_of

if TYPE_CHECKING:
    from tests.confluent_registry.server import RunningRegistry

CATALOGUE = load_catalogue()
TRADE = CATALOGUE.trade
RULES = rules_of("trade")
OURS = declared_rule_set(TRADE, RULES)
SUBJECT = "kraken.trades-value"
SMALL: dict[str, Any] = {
    "name": "small",
    "kind": "CONDITION",
    "type": "CEL",
    "mode": "WRITE",
    "expr": "message.trade_id < 5",
}


def register(client: Registry) -> list[Registration]:
    """One run of the command."""
    return apply_plan(plan_registration(CATALOGUE, "kraken.trades", client), client)


def test_every_rule_is_expressed_or_listed() -> None:
    """No rule of rules.json is forgotten: it is a condition, or it has a reason not to be."""
    expressed = {rule["name"] for rule in OURS["domainRules"]}
    listed = inexpressible(TRADE, RULES)
    assert expressed | listed.keys() == {rule.name for rule in RULES}
    assert not expressed & listed.keys()
    assert all(listed.values())
    assert expressed == {"symbol_is_a_name", "trade_id_above_zero"}


def test_a_rule_in_cel() -> None:
    """A number is compared, a text is matched from end to end; the rest is not said."""
    by_name = {rule.name: cel(rule, TRADE) for rule in RULES}
    assert by_name["trade_id_above_zero"] == "message.trade_id > 0"
    assert str(by_name["symbol_is_a_name"]).startswith("message.symbol.matches('^(?:[A-Za-z0-9.-]")
    assert by_name["price_above_zero"] is None
    assert by_name["executed_at_not_ahead"] is None


def test_the_rules_are_published_once(genuine: "RunningRegistry", client: Registry) -> None:
    """They go with one more version of the newest text; another run changes nothing."""
    published = [one for one in register(client) if one.rules]
    assert [one.rules for one in published] == [("symbol_is_a_name", "trade_id_above_zero")]
    texts = [one.content.text for one in genuine.store.versions[SUBJECT]]
    newest = genuine.store.versions[SUBJECT][-1].content.shown()
    assert [same_schema(text, TRADE.newest.text) for text in texts] == [False, True, True]
    assert holds_rules(newest["ruleSet"], OURS)
    assert newest["metadata"]["properties"]["kraken-lake.version"] == "trade v2"
    assert newest["metadata"]["properties"]["kraken-lake.rule.price_above_zero"] == "price > 0"
    genuine.writes.clear()
    assert not any(one.is_new for one in register(client))
    assert genuine.writes == []


def test_an_id_in_use_stays(genuine: "RunningRegistry", client: Registry) -> None:
    """What was registered without rules is found under its own id after they are published."""
    plain = [client.register(SUBJECT, version.text) for version in TRADE.versions]
    register(client)
    held = [client.find(SUBJECT, version.text) for version in TRADE.versions]
    assert [one.schema_id for one in held if one] == plain
    assert len(genuine.store.versions[SUBJECT]) == 3


def test_a_changed_rule_is_published(genuine: "RunningRegistry", client: Registry) -> None:
    """The rules of the newest version are what counts, and rules of others stay among them."""
    older = {"domainRules": [SMALL, OURS["domainRules"][0] | {"expr": "true"}]}
    body = {"schema": TRADE.newest.text, "ruleSet": older}
    httpx.post(f"{genuine.url}/subjects/{SUBJECT}/versions", json=body).raise_for_status()
    register(client)
    rule_set = genuine.store.versions[SUBJECT][-1].content.shown()["ruleSet"]
    assert rule_set["domainRules"][0]["name"] == "small"
    assert holds_rules(rule_set, OURS)


def test_a_text_is_found_whatever_rules_it_has(
    genuine: "RunningRegistry", client: Registry
) -> None:
    """The registry's lookup misses a version whose rules are not the newest version's."""
    for version, name in zip(TRADE.versions, ("a", "b"), strict=True):
        rules = {"domainRules": [SMALL | {"name": name}]}
        body = {"schema": version.text, "ruleSet": rules}
        httpx.post(f"{genuine.url}/subjects/{SUBJECT}/versions", json=body).raise_for_status()
    oldest = TRADE.versions[0].text
    missed = httpx.post(f"{genuine.url}/subjects/{SUBJECT}", json={"schema": oldest})
    assert missed.json()["error_code"] == 40403
    found = client.find(SUBJECT, oldest)
    assert found is not None
    assert found.version == 1


def test_nothing_is_published_over_a_newest_version_of_others(
    genuine: "RunningRegistry", client: Registry
) -> None:
    """An older text of ours must not become the newest version."""
    for version in TRADE.versions:
        client.register(SUBJECT, version.text)
    schema = json.loads(TRADE.newest.text)
    schema["fields"].append({"name": "venue_time", "type": "long", "default": 0, "doc": "Theirs."})
    client.register(SUBJECT, json.dumps(schema))
    assert [one for one in register(client) if one.rules] == []
    assert len(genuine.store.versions[SUBJECT]) == 3


@pytest.mark.parametrize("place", ["version", "defaultRuleSet", "overrideRuleSet"])
def test_rules_of_others_are_reported(
    genuine: "RunningRegistry",
    client: Registry,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    """Wherever they are set, `check` names them with type and mode; ours are not among them."""
    register(client)
    rules = {"domainRules": [SMALL, SMALL | {"name": "off", "disabled": True}]}
    if place == "version":
        body: dict[str, Any] = {"schema": TRADE.newest.text, "ruleSet": rules}
        httpx.post(f"{genuine.url}/subjects/{SUBJECT}/versions", json=body).raise_for_status()
    else:
        httpx.put(f"{genuine.url}/config/{SUBJECT}", json={place: rules}).raise_for_status()
    assert rules_of_others(client, SUBJECT, TRADE) == ["small (CEL, WRITE)"]
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", genuine.url)
    shown = CliRunner().invoke(app, ["check"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert "does not enforce and Confluent's serializers do: small (CEL, WRITE)" in shown.stdout


@pytest.mark.parametrize("fake", ["apicurio"], indirect=True)
@pytest.mark.usefixtures("fake")
def test_a_registry_that_keeps_no_rules_gets_none(settings: "Any") -> None:
    """Apicurio would take the same text with rules for the version that it has."""
    assert not any(one.rules for one in register(Registry(settings)))
