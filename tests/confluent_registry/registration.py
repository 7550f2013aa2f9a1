"""Registering and looking up, in the order in which the registry itself decides."""

import json
from typing import Any

from avro.schema import Schema

from tests.confluent_registry.avro_text import incompatibilities, normalized, parse_avro
from tests.confluent_registry.faults import (
    incompatible,
    invalid_schema,
    not_permitted,
    schema_not_found,
)
from tests.confluent_registry.settings import Scopes
from tests.confluent_registry.store import Content, Store, Stored


class Registrar:
    """Takes schemas in, and finds them again.

    Attributes:
        incompatible_code: The error code of an incompatible schema.
    """

    def __init__(self, store: Store, scopes: Scopes, incompatible_code: int) -> None:
        self._store, self._scopes = store, scopes
        self.incompatible_code = incompatible_code

    def register(self, subject: str, body: dict[str, Any], *, normalize: bool) -> dict[str, Any]:
        """`POST /subjects/{subject}/versions`.

        Raises:
            Refusal: No valid schema, not permitted by the mode, or not compatible.
        """
        importing = self._scopes.mode(subject) == "IMPORT"
        held = self._store.versions.get(subject, [])
        content = Content.of(body if importing else self._populated(subject, body))
        self._parsed(content)
        found = self._among(content, held, normalize=normalize, deleted=False)
        if found is not None and not body.get("id"):
            return _registered(found)
        self._permit(subject, body)
        if not importing:
            self._check(subject, content)
        new_id, version = int(body.get("id") or 0), int(body.get("version") or 0)
        return _registered(self._store.add(subject, content, new_id, version))

    def lookup(
        self, subject: str, body: dict[str, Any], *, normalize: bool, deleted: bool
    ) -> Stored:
        """`POST /subjects/{subject}`: as sent, then with the newest version's metadata and rules.

        Raises:
            Refusal: There is no such subject, or no such schema among its versions.
        """
        held = self._store.live(subject, deleted=deleted)
        for candidate in (body, self._populated(subject, body)):
            content = Content.of(candidate)
            self._parsed(content)
            found = self._among(content, held, normalize=normalize, deleted=deleted)
            if found is not None:
                return found
        raise schema_not_found()

    def messages(self, subject: str, body: dict[str, Any], version: str = "") -> list[str]:
        """Why a schema may not follow; `POST /compatibility/subjects/{subject}/versions`.

        Raises:
            Refusal: The schema is not valid.
        """
        content = Content.of(self._populated(subject, body))
        new = self._parsed(content)
        earlier = [one for one in self._store.versions.get(subject, []) if not one.deleted]
        if version:
            earlier = [self._store.version(subject, version)]
        if new is None or any(one.content.kind != "AVRO" for one in earlier):
            other = any(one.content.kind != content.kind for one in earlier)
            return ["Incompatible because of different schema type"] if other else []
        before = [self._avro(one.content) for one in earlier]
        return list(incompatibilities(new, before, self._scopes.level(subject)))

    def _check(self, subject: str, content: Content) -> None:
        body = content.shown() | {"schemaType": content.kind}
        messages = self.messages(subject, body)
        if messages and self._scopes.level(subject) != "NONE":
            raise incompatible(
                f'schema for subject "{subject}", details: {messages}', self.incompatible_code
            )

    def _permit(self, subject: str, body: dict[str, Any]) -> None:
        mode = self._scopes.mode(subject)
        if "READONLY" in mode:
            raise not_permitted(f"Subject {subject} is in read-only mode")
        if body.get("id") and mode != "IMPORT":
            raise not_permitted(f"Subject {subject} is not in import mode")
        if not body.get("id") and mode != "READWRITE":
            raise not_permitted(f"Subject {subject} is not in read-write mode")

    def _populated(self, subject: str, body: dict[str, Any]) -> dict[str, Any]:
        """The body with metadata and rules of the settings and of the version before."""
        config = self._scopes.config(subject)
        held = [one for one in self._store.versions.get(subject, []) if not one.deleted]
        before = held[-1].content.shown() if held else {}
        full = dict(body)
        for key, default, override in (
            ("metadata", "defaultMetadata", "overrideMetadata"),
            ("ruleSet", "defaultRuleSet", "overrideRuleSet"),
        ):
            own = body[key] if body.get(key) is not None else before.get(key)
            merged = _merged(_merged(config.get(default), own), config.get(override))
            if merged is not None:
                full[key] = merged
        return full

    def _among(
        self, content: Content, held: list[Stored], *, normalize: bool, deleted: bool
    ) -> Stored | None:
        for one in reversed(held):
            if one.deleted and not deleted:
                continue
            same = one.content == content
            if normalize and not same and content.kind == one.content.kind == "AVRO":
                same = normalized(one.content.text) == normalized(content.text)
            if same:
                return one
        return None

    def _parsed(self, content: Content) -> Schema | None:
        """The schema; None where it is no Avro, which is taken as it is.

        Raises:
            Refusal: It calls itself Avro and is none, or refers to what is not there.
        """
        if content.kind != "AVRO":
            return None
        try:
            return self._avro(content)
        except ValueError as error:
            raise invalid_schema(str(error)) from error

    def _avro(self, content: Content) -> Schema:
        return parse_avro(content.text, self._referenced(content))

    def _referenced(self, content: Content) -> list[str]:
        texts: list[str] = []
        for reference in json.loads(content.references):
            subject, number = reference["subject"], str(reference["version"])
            held = self._store.version(self._scopes.resolve(subject), number, deleted=True).content
            texts += [*self._referenced(held), held.text]
        return list(dict.fromkeys(texts))


def _registered(stored: Stored) -> dict[str, Any]:
    answer = {"id": stored.schema_id, "version": stored.version, "guid": stored.content.guid}
    return answer | {"schemaType": stored.content.kind} | stored.content.shown()


def _merged(base: dict[str, Any] | None, over: dict[str, Any] | None) -> dict[str, Any] | None:
    """Rules by name and properties by key; what comes later wins."""
    if base is None or over is None:
        return base if over is None else over
    merged: dict[str, Any] = {}
    for key in (*base, *(key for key in over if key not in base)):
        ours, theirs = base.get(key), over.get(key)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            merged[key] = ours | theirs
        elif isinstance(ours, list) and isinstance(theirs, list):
            names = {rule["name"] for rule in theirs}
            merged[key] = [rule for rule in ours if rule["name"] not in names] + theirs
        else:
            merged[key] = theirs if theirs is not None else ours
    return merged
