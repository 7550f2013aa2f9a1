"""Reads a subject's settings in a registry, before anything is written to it.

Seen on Confluent 8.3.1 and 8.1.1, and on Apicurio 3.0.9. With `defaultToGlobal=true` settings are
looked up at the subject, then its context, then the whole registry. Without it a context or subject
that has no level of its own answers 404/40408. Apicurio answers 404/40401 for an unknown subject,
and 204 or 404 to every request for a mode, since it has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from schemas.errors import (
    AssociationAmbiguous,
    RegistryAnswerInvalid,
    RegistryRefused,
    SubjectNotFound,
)
from schemas.registry.client import Registry
from schemas.registry.registered import RegisteredVersion

__all__ = [
    "SubjectState",
    "associated_subject",
    "held_versions",
    "own_settings",
    "subject_state",
]

_Answer = TypeVar("_Answer")

WRITABLE = "READWRITE"
"""The mode of a subject that takes new versions."""

_INHERITED = {"defaultToGlobal": "true"}


@dataclass(frozen=True)
class SubjectState:
    """How a registry treats one subject.

    Attributes:
        target: The subject whose versions and settings count: another one than was asked for if
            that name is an alias.
        own_level: The compatibility level set for `target` itself; None if it inherits one.
        level: The compatibility level in force.
        write_mode: READWRITE, or the registry's other mode: READONLY, IMPORT and so on.
        settings: All settings of `target` itself, as the registry names them.
    """

    target: str
    own_level: str | None
    level: str
    write_mode: str
    settings: Mapping[str, Any]

    @property
    def takes_versions(self) -> bool:
        """Whether the registry accepts new versions."""
        return self.write_mode == WRITABLE

    @property
    def takes_settings(self) -> bool:
        """Whether the registry accepts other settings: IMPORT allows it, READONLY forbids it."""
        return "READONLY" not in self.write_mode


def subject_state(registry: Registry, subject: str) -> SubjectState:
    """Ask for everything that decides what may be written to a subject.

    Raises:
        RegistryError: The registry cannot be asked.
    """
    target, settings = own_settings(registry, subject)
    return SubjectState(
        target=target,
        own_level=settings.get("compatibilityLevel"),
        level=settings.get("compatibilityLevel") or _inherited_level(registry, target),
        write_mode=_write_mode(registry, target),
        settings=settings,
    )


def own_settings(registry: Registry, subject: str) -> tuple[str, Mapping[str, Any]]:
    """Return the subject behind a name, and the subject's own settings.

    Raises:
        RegistryError: The registry cannot be asked.
    """
    settings = _settings(registry, subject)
    # The registry itself follows an alias only once, so an alias of an alias is not followed.
    target = str(settings.get("alias") or subject)
    return target, settings if target == subject else _settings(registry, target)


def associated_subject(registry: Registry, topic: str, default: str) -> str:
    """Return the subject that the registry associates with a topic's values, else `default`.

    Confluent's registry has associations since 8.3 and refuses names with a dot, so such topics are
    not asked for. Its own clients follow an association by default (subject name strategy
    ASSOCIATED), and would otherwise write under a subject that is not checked here.

    Raises:
        AssociationAmbiguous: There are several, for several clusters, and ours is not known.
        RegistryError: The registry cannot be asked.
    """
    if "." in topic:
        return default
    query = {"resourceType": "topic", "associationType": "value"}
    path = f"associations/resources/-/{quote(topic, safe='')}"
    found = _if_allowed(registry, path, query, list) or []
    subjects = sorted({str(one["subject"]) for one in found if one.get("subject")})
    if len(subjects) > 1:
        raise AssociationAmbiguous(
            f"{registry.url} associates topic {topic} with several subjects: "
            f"{', '.join(subjects)}; leave one, or give the topic another name"
        )
    return subjects[0] if subjects else default


def held_versions(registry: Registry, subject: str) -> list[RegisteredVersion]:
    """Return all versions of a subject, oldest first; none if there is no such subject.

    Raises:
        RegistryError: The registry cannot be asked.
    """
    try:
        return registry.versions(subject)
    except SubjectNotFound:
        return []


def _settings(registry: Registry, subject: str) -> dict[str, Any]:
    return registry.ask(f"config/{quote(subject, safe='')}", {}, dict) or {}


def _inherited_level(registry: Registry, subject: str) -> str:
    for path in (f"config/{quote(subject, safe='')}", "config"):
        found = registry.ask(path, _INHERITED, dict) or {}
        if found.get("compatibilityLevel"):
            return str(found["compatibilityLevel"])
    raise RegistryAnswerInvalid(
        f"{registry.url} names no compatibility level for {subject}; is SCHEMA_REGISTRY_URL right?"
    )


def _write_mode(registry: Registry, subject: str) -> str:
    path = f"mode/{quote(subject, safe='')}"
    found = _if_allowed(registry, path, _INHERITED, dict) or {}
    return str(found.get("mode", WRITABLE))


def _if_allowed(
    registry: Registry, path: str, query: dict[str, str], kind: type[_Answer]
) -> _Answer | None:
    """Return the registry's answer; None if this login may not read it."""
    try:
        return registry.ask(path, query, kind)
    except RegistryRefused:
        return None
