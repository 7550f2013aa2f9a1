"""The rules and metadata that a registry keeps with a schema, if it keeps any.

Seen: Confluent 8.3.1 keeps `metadata` and `ruleSet`, makes a new version of the same text with
other rules, and copies both to the next version. Apicurio 3.0.9 ignores both: the same text with
rules is the version it has already. Only Confluent answers at `/v1/metadata/version`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from schemas.catalogue import Contract
from schemas.errors import RegistryAnswerInvalid, RegistryRefused
from schemas.registry.client import Registry, same_schema
from schemas.registry.published_rules import (
    RuleSet,
    declared_metadata,
    declared_rule_set,
    foreign_rules,
    holds_rules,
    merged_rule_set,
)
from schemas.registry.subject_state import SubjectState, own_settings
from schemas.rules import rules_of

__all__ = [
    "NewestVersion",
    "RulesPlan",
    "keeps_rules",
    "newest_version",
    "plan_rules",
    "publish_rules",
    "rules_of_others",
]


@dataclass(frozen=True)
class NewestVersion:
    """A subject's newest version with its rules."""

    version: int
    text: str
    rule_set: Mapping[str, Any]


@dataclass(frozen=True)
class RulesPlan:
    """What to do with a subject's data-contract rules.

    Attributes:
        publish: The rule set to register with the newest version's text; None if there is nothing
            to do: it is there already, there are no rules, or the registry keeps none.
        metadata: The metadata to register with it.
        foreign: Rules that others set and that this platform does not enforce.
    """

    publish: RuleSet | None
    metadata: Mapping[str, Any]
    foreign: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The names of the rules to publish."""
        return [str(rule["name"]) for rule in (self.publish or {}).get("domainRules", [])]


def plan_rules(registry: Registry, state: SubjectState, contract: Contract) -> RulesPlan:
    """Find out which rules a subject has, and which of the platform's are missing.

    The platform's rules are registered only with its newest version, as another version of the same
    text: the earlier version keeps its id, and look-ups of the plain text still find it. Nothing is
    published if the subject's newest version is not in the catalogue.

    Raises:
        RegistryError: The registry cannot be asked.
    """
    rules = rules_of(contract.record)
    ours = declared_rule_set(contract, rules)
    newest = newest_version(registry, state.target)
    foreign = tuple(foreign_rules(_rule_sets(state.settings, newest), ours))
    metadata = declared_metadata(contract, rules)
    if not ours or not keeps_rules(registry):
        return RulesPlan(None, metadata, foreign)
    if newest is None:
        return RulesPlan(ours, metadata, foreign)
    if holds_rules(newest.rule_set, ours) or not _is_ours(newest, contract):
        return RulesPlan(None, metadata, foreign)
    return RulesPlan(merged_rule_set(newest.rule_set, ours), metadata, foreign)


def rules_of_others(registry: Registry, subject: str, contract: Contract) -> list[str]:
    """Return rules that others set on a subject's newest version or on the subject itself.

    Empty if this login may read schemas but not settings.

    Raises:
        RegistryError: The registry cannot be asked.
    """
    try:
        target, settings = own_settings(registry, subject)
        newest = newest_version(registry, target)
    except RegistryRefused:
        return []
    ours = declared_rule_set(contract, rules_of(contract.record))
    return foreign_rules(_rule_sets(settings, newest), ours)


def publish_rules(registry: Registry, subject: str, text: str, plan: RulesPlan) -> int:
    """Register the text once more, with the rules, and return the id of that version.

    Raises:
        RegistryError: The registry does not take it.
    """
    return registry.register(subject, text, {"metadata": plan.metadata, "ruleSet": plan.publish})


def keeps_rules(registry: Registry) -> bool:
    """Return whether the registry keeps metadata and rules with a version."""
    return registry.ask("v1/metadata/version", {}, dict) is not None


def newest_version(registry: Registry, subject: str) -> NewestVersion | None:
    """Return the newest live version; None if there is none.

    Raises:
        RegistryError: The registry cannot be asked.
    """
    held = registry.ask(f"subjects/{quote(subject, safe='')}/versions/latest", {}, dict)
    if held is None:
        return None
    number, text, rule_set = (held.get(key) for key in ("version", "schema", "ruleSet"))
    if not isinstance(number, int) or not isinstance(text, str):
        raise RegistryAnswerInvalid(
            f"{registry.url} shows no version of {subject}; is SCHEMA_REGISTRY_URL right?"
        )
    return NewestVersion(number, text, rule_set if isinstance(rule_set, dict) else {})


def _is_ours(newest: NewestVersion, contract: Contract) -> bool:
    return any(same_schema(newest.text, version.text) for version in contract.versions)


def _rule_sets(
    settings: Mapping[str, Any], newest: NewestVersion | None
) -> list[Mapping[str, Any]]:
    of_subject = [settings.get(key) for key in ("defaultRuleSet", "overrideRuleSet")]
    own = [newest.rule_set] if newest else []
    return [*own, *(one for one in of_subject if isinstance(one, dict))]
