"""Settings by subject, by context and for all: compatibility with its companions, and modes."""

from typing import Any

from schemas.checks.compatibility import Mode
from tests.confluent_registry.faults import (
    invalid_level,
    invalid_mode,
    no_config,
    no_mode,
    not_permitted,
)
from tests.confluent_registry.store import DEFAULT_CONTEXT, Store, context_of

MODES = ("READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT", "FORWARD")
_KEPT = (
    "alias",
    "normalize",
    "compatibilityGroup",
    "defaultMetadata",
    "overrideMetadata",
    "defaultRuleSet",
    "overrideRuleSet",
)


class Scopes:
    """Looks settings up: the subject's own, else its context's, else the global ones."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def config(self, subject: str) -> dict[str, Any]:
        """The settings that apply to a subject.

        A level is inherited where the subject's own settings have none, such as those that were
        made for an alias alone.
        """
        own = self._store.configs.get(subject, {})
        level = {"compatibilityLevel": self._level(subject)}
        if own or subject == "":
            return level | own
        return level | self._store.configs.get(_context_scope(subject), {})

    def level(self, subject: str) -> Mode:
        """The compatibility level that applies to a subject."""
        return Mode(self.config(subject)["compatibilityLevel"])

    def mode(self, subject: str) -> str:
        """The mode that applies; a global READONLY_OVERRIDE outdoes every other."""
        if self._store.modes.get("") == "READONLY_OVERRIDE":
            return "READONLY_OVERRIDE"
        for scope in (subject, _context_scope(subject), ""):
            if scope in self._store.modes:
                return self._store.modes[scope]
        return "READWRITE"

    def resolve(self, subject: str) -> str:
        """The subject behind an alias."""
        return self._store.configs.get(subject, {}).get("alias") or subject

    def show_config(self, subject: str, *, inherited: bool) -> dict[str, Any]:
        """`GET /config/{subject}`; the key is `compatibilityLevel` here.

        Raises:
            Refusal: Nothing is set for this very subject, and what is inherited is not asked for.
        """
        if subject == "" or inherited:
            return self.config(subject)
        if subject not in self._store.configs:
            raise no_config(subject)
        return dict(self._store.configs[subject])

    def set_config(self, subject: str, body: dict[str, Any]) -> dict[str, Any]:
        """`PUT /config/{subject}`; the key is `compatibility` here. What is not named is kept.

        Raises:
            Refusal: No such level, or the scope is read-only.
        """
        if "READONLY" in self.mode(subject):
            raise not_permitted(f"Subject {subject} is in read-only mode")
        level = body.get("compatibility")
        if level is not None and level not in Mode.__members__:
            raise invalid_level()
        config = self._store.configs.setdefault(subject, {})
        config |= {key: body[key] for key in _KEPT if key in body}
        if level is not None:
            config["compatibilityLevel"] = level
        return body

    def delete_config(self, subject: str) -> dict[str, Any]:
        """`DELETE /config/{subject}`."""
        if subject not in self._store.configs:
            raise no_config(subject)
        return self._store.configs.pop(subject)

    def show_mode(self, subject: str, *, inherited: bool) -> dict[str, Any]:
        """`GET /mode/{subject}`.

        Raises:
            Refusal: Nothing is set for this very subject, and what is inherited is not asked for.
        """
        if subject and not inherited and subject not in self._store.modes:
            raise no_mode(subject)
        return {"mode": self.mode(subject)}

    def set_mode(self, subject: str, body: dict[str, Any]) -> dict[str, Any]:
        """`PUT /mode/{subject}`.

        Raises:
            Refusal: There is no such mode.
        """
        if body.get("mode") not in MODES:
            raise invalid_mode()
        self._store.modes[subject] = body["mode"]
        return body

    def _level(self, subject: str) -> str:
        for scope in (subject, _context_scope(subject), ""):
            level = self._store.configs.get(scope, {}).get("compatibilityLevel")
            if level:
                return str(level)
        return "BACKWARD"


def _context_scope(subject: str) -> str:
    context = context_of(subject)
    return "" if context == DEFAULT_CONTEXT else f":{context}:"
