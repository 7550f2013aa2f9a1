"""Expresses the rules of `rules.json` as a registry's data contract: metadata and CEL conditions.

Confluent's registry keeps them with a version (`metadata`, `ruleSet`) but does not enforce them:
serializers with `use.latest.version` do, before they write (kind CONDITION, mode WRITE). CEL gets
values as the client passes them, and clients differ: a decimal is bytes in one and a number in
another, a time is a number or a timestamp. A rule about such a field would refuse good records of
some clients, so only rules about text and whole numbers are published in CEL. The metadata holds
every rule as SQL.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schemas.catalogue import Contract
from schemas.rules import Above, Matches, Rule

__all__ = [
    "RuleSet",
    "cel",
    "declared_metadata",
    "declared_rule_set",
    "foreign_rules",
    "holds_rules",
    "inexpressible",
    "merged_rule_set",
]

RuleSet = dict[str, Any]

_PREFIX = "kraken-lake."


def declared_rule_set(contract: Contract, rules: Sequence[Rule]) -> RuleSet:
    """Return the rules that CEL can express, as `ruleSet.domainRules`; empty if there are none."""
    expressed = [(rule, cel(rule, contract)) for rule in rules]
    domain = [
        {
            "name": rule.name,
            "doc": rule.doc,
            "kind": "CONDITION",
            "mode": "WRITE",
            "type": "CEL",
            "expr": expression,
        }
        for rule, expression in expressed
        if expression is not None
    ]
    return {"domainRules": domain} if domain else {}


def declared_metadata(contract: Contract, rules: Sequence[Rule]) -> dict[str, Any]:
    """Return the catalogue's version and every rule in SQL, as `metadata.properties`."""
    stated = {f"{_PREFIX}rule.{rule.name}": rule.sql for rule in rules}
    return {"properties": {f"{_PREFIX}version": str(contract.newest)} | stated}


def cel(rule: Rule, contract: Contract) -> str | None:
    """Return a rule over `message`, the record; None if clients pass its field differently."""
    if not _is_plain(rule.field, contract):
        return None
    if isinstance(rule, Above) and rule.bound == int(rule.bound):
        return f"message.{rule.field} > {int(rule.bound)}"
    if isinstance(rule, Matches):
        # CEL's strings take backslashes as escapes; its `$` is the very end of the text (RE2).
        pattern = rule.pattern.replace("\\", "\\\\").replace("'", "\\'")
        return f"message.{rule.field}.matches('^(?:{pattern})$')"
    return None


def inexpressible(contract: Contract, rules: Sequence[Rule]) -> dict[str, str]:
    """Return each rule that is not published as a condition, with the reason."""
    return {rule.name: _why_not(rule, contract) for rule in rules if cel(rule, contract) is None}


def merged_rule_set(held: Mapping[str, Any], ours: RuleSet) -> RuleSet:
    """Merge the platform's rules into a version's rule set: by name; rules of others stay."""
    names = {rule["name"] for rule in ours.get("domainRules", [])}
    others = [rule for rule in held.get("domainRules") or [] if rule.get("name") not in names]
    return {**held, "domainRules": [*others, *ours.get("domainRules", [])]}


def holds_rules(held: Mapping[str, Any], ours: RuleSet) -> bool:
    """Return whether a version's rule set has every rule of the platform, unchanged."""
    return all(
        any(_says(one, rule) for one in held.get("domainRules") or [])
        for rule in ours.get("domainRules", [])
    )


def foreign_rules(held: Iterable[Mapping[str, Any]], ours: RuleSet) -> list[str]:
    """List enabled rules that are not the platform's, as `name (type, mode)`."""
    found = [
        f"{rule.get('name')} ({rule.get('type')}, {rule.get('mode') or 'WRITEREAD'})"
        for rule_set in held
        for part in ("migrationRules", "domainRules", "encodingRules")
        for rule in rule_set.get(part) or []
        if not rule.get("disabled")
        and not any(_says(rule, own) for own in ours.get("domainRules", []))
    ]
    return list(dict.fromkeys(found))


def _says(held: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    return all(held.get(key) == value for key, value in ours.items())


def _is_plain(field: str, contract: Contract) -> bool:
    declared = next(one for one in contract.newest.parsed["fields"] if one["name"] == field)
    return declared["type"] in ("string", "long", "int")


def _why_not(rule: Rule, contract: Contract) -> str:
    if getattr(rule, "of", "") == "kafka_timestamp":
        return "it compares with the broker's time, which no serializer knows"
    if isinstance(rule, Above):
        return "a decimal is bytes to one client and a number to another"
    if not _is_plain(rule.field, contract):
        return "a time is a number to one client and a timestamp to another"
    return "CEL has no such comparison that all clients share"
