"""What the registry holds: versions per subject, ids per context, settings per scope."""

import hashlib
import json
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.confluent_registry.avro_text import canonical_text
from tests.confluent_registry.faults import schema_not_found, subject_not_found, version_not_found

DEFAULT_CONTEXT = "."


@dataclass(frozen=True)
class Content:
    """What makes a schema the one it is; the same content has the same id within a context.

    Attributes:
        text: The canonical text.
        kind: AVRO, JSON or PROTOBUF.
        references: `[{name, subject, version}]`, as JSON.
        metadata: As JSON; empty if there is none.
        rule_set: As JSON; empty if there is none.
    """

    text: str
    kind: str = "AVRO"
    references: str = "[]"
    metadata: str = ""
    rule_set: str = ""

    @classmethod
    def of(cls, body: dict[str, Any]) -> "Content":
        """The content of a request's body."""
        kind = body.get("schemaType") or "AVRO"
        text = body.get("schema") or ""
        if kind == "AVRO":
            with suppress(ValueError):  # what is no Avro is refused later, by name
                text = canonical_text(text)
        return cls(
            text,
            kind,
            json.dumps(body.get("references") or []),
            _as_json(body.get("metadata")),
            _as_json(body.get("ruleSet")),
        )

    @property
    def guid(self) -> str:
        """The same in every registry that holds this content."""
        digest = hashlib.md5(repr(self).encode(), usedforsecurity=False).hexdigest()
        return str(uuid.UUID(digest))

    def shown(self) -> dict[str, Any]:
        """The keys of an answer; those of what is absent are absent, and `AVRO` goes unsaid."""
        parts: dict[str, Any] = {"schema": self.text}
        if self.kind != "AVRO":
            parts["schemaType"] = self.kind
        if self.references != "[]":
            parts["references"] = json.loads(self.references)
        if self.metadata:
            parts["metadata"] = json.loads(self.metadata)
        if self.rule_set:
            parts["ruleSet"] = json.loads(self.rule_set)
        return parts


@dataclass
class Stored:
    """One version of a subject."""

    subject: str
    version: int
    schema_id: int
    content: Content
    deleted: bool = False

    def shown(self) -> dict[str, Any]:
        """The answer to a question for this version."""
        head = {"subject": self.subject, "version": self.version, "id": self.schema_id}
        return head | {"guid": self.content.guid} | self.content.shown()


@dataclass
class Store:
    """All that is held; subjects are qualified by their context (`:.desk:name`).

    Attributes:
        versions: Each subject's versions, softly deleted ones among them, oldest first.
        configs: The settings by subject, by `:.context:`, or by "" for the global ones.
        modes: Likewise.
        associations: Topics with the subjects of their values and keys.
    """

    versions: dict[str, list[Stored]] = field(default_factory=dict)
    configs: dict[str, dict[str, Any]] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    associations: list[dict[str, Any]] = field(default_factory=list)

    def live(self, subject: str, *, deleted: bool = False) -> list[Stored]:
        """A subject's versions, oldest first.

        Raises:
            Refusal: There is none.
        """
        found = [one for one in self.versions.get(subject, []) if deleted or not one.deleted]
        if not found:
            raise subject_not_found(subject)
        return found

    def version(self, subject: str, number: str, *, deleted: bool = False) -> Stored:
        """One version; `latest` and -1 are the highest live one.

        Raises:
            Refusal: There is no such subject or version.
        """
        found = self.live(subject, deleted=deleted)
        if number in {"latest", "-1"}:
            return self.live(subject)[-1]
        for one in found:
            if one.version == int(number):
                return one
        raise version_not_found(number)

    def by_id(self, schema_id: int, context: str) -> list[Stored]:
        """All versions with an id, softly deleted ones among them.

        Raises:
            Refusal: The context holds no such id.
        """
        found = [
            one
            for one in self.all()
            if one.schema_id == schema_id and context_of(one.subject) == context
        ]
        if not found:
            raise schema_not_found(schema_id)
        return found

    def by_guid(self, guid: str) -> Stored:
        """A version with a GUID, in whichever context.

        Raises:
            Refusal: There is none.
        """
        for one in self.all():
            if one.content.guid == guid:
                return one
        raise schema_not_found(guid)

    def all(self) -> Iterator[Stored]:
        """Every version."""
        return (one for versions in self.versions.values() for one in versions)

    def add(self, subject: str, content: Content, schema_id: int = 0, version: int = 0) -> Stored:
        """Hold one more version; the number follows the highest, deleted or not."""
        context = context_of(subject)
        peers = [one for one in self.all() if context_of(one.subject) == context]
        same = next((one.schema_id for one in peers if one.content == content), 0)
        new_id = schema_id or same or max((one.schema_id for one in peers), default=0) + 1
        held = self.versions.setdefault(subject, [])
        number = version or max((one.version for one in held), default=0) + 1
        held.append(Stored(subject, number, new_id, content))
        held.sort(key=lambda one: one.version)
        return next(one for one in held if one.version == number)


def context_of(subject: str) -> str:
    """The context of a qualified subject: `.desk` of `:.desk:name`."""
    return subject.split(":")[1] if subject.startswith(":.") else DEFAULT_CONTEXT


def _as_json(part: Any) -> str:
    return json.dumps(part, sort_keys=True) if part else ""
