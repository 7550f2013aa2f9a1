"""A schema registry in this process that answers as Confluent Schema Registry 8.3.1 does.

Seen on genuine 8.3.1 and 8.1.1 (status codes, error codes, keys): unknown subjects, versions and
ids (404/40401, 40402, 40403); registrations answered with id, version, guid, schemaType and
schema; ids of softly deleted versions that go on resolving, `?deleted=true`, and the next version
number for the same text registered again; an incompatible schema (409, code 409 on 8.1.1 and 40901
on 8.3.1) and decimals whose scale is not compared; a bad schema (422/42201) and what the mode
forbids (422/42205); `PUT /config` with the key `compatibility`, `GET` with `compatibilityLevel`,
404/40408 until it is set unless `?defaultToGlobal=true`; a context's settings likewise; aliases;
`normalize`, `defaultMetadata`, `defaultRuleSet` and the like that survive a change of the level;
metadata and rules inherited by the next version; GUIDs; associations, and names with a dot refused.

Read in the registry's public source and not seen: the order in which a lookup tries (as sent, then
with the newest version's metadata and rules), the sentences, 40404 to 40407, 42203, 42204, 42212,
`/v1/metadata/version`, and that READONLY forbids changes of settings too. Guessed: the value of a
GUID (a hash of the content, as there) and how an inherited level joins an alias's settings.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.confluent_registry.faults import (
    Refusal,
    already_deleted,
    invalid_association,
    invalid_version,
    not_deleted_first,
    subject_not_found,
)
from tests.confluent_registry.registration import Registrar
from tests.confluent_registry.settings import Scopes
from tests.confluent_registry.store import DEFAULT_CONTEXT, Store, context_of

Answer = tuple[int, Any]


@dataclass(frozen=True)
class Request:
    """One request: method, path below the address, query and body."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)

    def flag(self, name: str) -> bool:
        """Whether a query parameter is true."""
        return self.query.get(name, "").lower() == "true"


class ConfluentRegistry:
    """State and answers.

    Attributes:
        store: What is held.
        writes: Every request that changed something, as (method, path).
    """

    def __init__(self, release: str = "8.3.1") -> None:
        self.release = release
        self.store = Store()
        self.writes: list[tuple[str, str]] = []
        self._scopes = Scopes(self.store)
        self._registrar = Registrar(self.store, self._scopes, 409 if release == "8.1.1" else 40901)
        self._context = DEFAULT_CONTEXT

    def answer(self, request: Request) -> Answer:
        """What the registry says to one request."""
        path, self._context = _without_context(request.path)
        for pattern, route in self._routes().items():
            match = re.fullmatch(pattern, f"{request.method} {path}")
            if match:
                try:
                    answer = route(request, *map(unquote, match.groups()))
                except Refusal as refusal:
                    return refusal.status, refusal.body
                asks = re.fullmatch(r"POST /(subjects/[^/]+|compatibility/.*)", match[0])
                if request.method != "GET" and not asks:
                    self.writes.append((request.method, path))
                return 200, answer
        return 404, {"error_code": 404, "message": "HTTP 404 Not Found"}

    def _routes(self) -> dict[str, Callable[..., Any]]:
        return {
            r"GET /": lambda _: {},
            r"GET /v1/metadata/version": lambda _: {"version": self.release, "commitId": "0"},
            r"GET /schemas/types": lambda _: ["JSON", "PROTOBUF", "AVRO"],
            r"GET /contexts": self._contexts,
            r"GET /subjects": self._subjects,
            r"GET /subjects/([^/]+)/versions": self._versions,
            r"GET /subjects/([^/]+)/versions/([^/]+)": self._version,
            r"GET /subjects/([^/]+)/versions/([^/]+)/schema": self._version_text,
            r"POST /subjects/([^/]+)": self._lookup,
            r"POST /subjects/([^/]+)/versions": self._register,
            r"DELETE /subjects/([^/]+)": self._delete_subject,
            r"DELETE /subjects/([^/]+)/versions/([^/]+)": self._delete_version,
            r"GET /schemas/ids/(\d+)": self._by_id,
            r"GET /schemas/ids/(\d+)/schema": lambda q, i: self._by_id(q, i)["schema"],
            r"GET /schemas/ids/(\d+)/versions": self._versions_of_id,
            r"GET /schemas/ids/(\d+)/subjects": self._subjects_of_id,
            r"GET /schemas/guids/([^/]+)": self._by_guid,
            r"POST /compatibility/subjects/([^/]+)/versions": self._compatible,
            r"POST /compatibility/subjects/([^/]+)/versions/([^/]+)": self._compatible,
            r"GET /config/?([^/]*)": lambda q, s: self._scopes.show_config(
                self._scope(s), inherited=q.flag("defaultToGlobal")
            ),
            r"PUT /config/?([^/]*)": lambda q, s: self._scopes.set_config(self._scope(s), q.body),
            r"DELETE /config/([^/]+)": lambda _, s: self._scopes.delete_config(self._scope(s)),
            r"GET /mode/?([^/]*)": lambda q, s: self._scopes.show_mode(
                self._scope(s), inherited=q.flag("defaultToGlobal")
            ),
            r"PUT /mode/?([^/]*)": lambda q, s: self._scopes.set_mode(self._scope(s), q.body),
            r"GET /associations/resources/([^/]+)/([^/]+)": self._associations,
            r"POST /associations": self._associate,
        }

    def _scope(self, subject: str) -> str:
        """A subject's qualified name; of none, the context's."""
        if self._context == DEFAULT_CONTEXT or subject.startswith(":."):
            return subject
        return f":{self._context}:{subject}"

    def _subject(self, subject: str) -> str:
        """The qualified name of the subject that is meant, behind an alias."""
        scope = self._scope(subject)
        alias = self._scopes.resolve(scope)
        return alias if alias == scope else self._scope(alias)

    def _contexts(self, _: Request) -> list[str]:
        return sorted({DEFAULT_CONTEXT, *(context_of(one) for one in self.store.versions)})

    def _subjects(self, request: Request) -> list[str]:
        deleted = request.flag("deleted")
        return [
            subject
            for subject, held in self.store.versions.items()
            if context_of(subject) == self._context or self._context == DEFAULT_CONTEXT
            if any(deleted or not one.deleted for one in held)
            if subject.startswith(request.query.get("subjectPrefix", "").removeprefix(":*:"))
        ]

    def _versions(self, request: Request, subject: str) -> list[int]:
        held = self.store.live(self._subject(subject), deleted=request.flag("deleted"))
        return [one.version for one in held]

    def _version(self, request: Request, subject: str, number: str) -> dict[str, Any]:
        if not re.fullmatch(r"latest|-1|[1-9]\d*", number):
            raise invalid_version(number)
        found = self.store.version(self._subject(subject), number, deleted=request.flag("deleted"))
        return found.shown()

    def _version_text(self, request: Request, subject: str, number: str) -> Any:
        return self._version(request, subject, number)["schema"]

    def _lookup(self, request: Request, subject: str) -> dict[str, Any]:
        found = self._registrar.lookup(
            self._subject(subject),
            request.body,
            normalize=request.flag("normalize"),
            deleted=request.flag("deleted"),
        )
        return found.shown()

    def _register(self, request: Request, subject: str) -> dict[str, Any]:
        normalize = request.flag("normalize")
        return self._registrar.register(self._subject(subject), request.body, normalize=normalize)

    def _delete_subject(self, request: Request, subject: str) -> list[int]:
        name, permanent = self._subject(subject), request.flag("permanent")
        held = self.store.versions.get(name)
        if not held:
            raise subject_not_found(name)
        if permanent and not all(one.deleted for one in held):
            raise not_deleted_first(name)
        if not permanent and all(one.deleted for one in held):
            raise already_deleted(name)
        gone = [one.version for one in held if permanent or not one.deleted]
        for one in held:
            one.deleted = True
        if permanent:
            del self.store.versions[name]
        return gone

    def _delete_version(self, request: Request, subject: str, number: str) -> int:
        name, permanent = self._subject(subject), request.flag("permanent")
        found = self.store.version(name, number, deleted=True)
        if permanent and not found.deleted:
            raise not_deleted_first(name, found.version)
        if not permanent and found.deleted:
            raise already_deleted(name, found.version)
        found.deleted = True
        if permanent:
            self.store.versions[name].remove(found)
        return found.version

    def _by_id(self, _: Request, schema_id: str) -> dict[str, Any]:
        found = self.store.by_id(int(schema_id), self._context)[0]
        return {"guid": found.content.guid} | found.content.shown()

    def _by_guid(self, _: Request, guid: str) -> dict[str, Any]:
        found = self.store.by_guid(guid)
        return {"id": found.schema_id, "guid": guid} | found.content.shown()

    def _versions_of_id(self, request: Request, schema_id: str) -> list[dict[str, Any]]:
        found = self.store.by_id(int(schema_id), self._context)
        wanted = [one for one in found if request.flag("deleted") or not one.deleted]
        return [{"subject": one.subject, "version": one.version} for one in wanted]

    def _subjects_of_id(self, request: Request, schema_id: str) -> list[str]:
        found = self._versions_of_id(request, schema_id)
        return list(dict.fromkeys(one["subject"] for one in found))

    def _compatible(self, request: Request, subject: str, number: str = "") -> dict[str, Any]:
        messages = self._registrar.messages(self._subject(subject), request.body, number)
        verdict: dict[str, Any] = {"is_compatible": not messages}
        return verdict | ({"messages": messages} if request.flag("verbose") else {})

    def _associations(self, request: Request, namespace: str, name: str) -> list[dict[str, Any]]:
        kind = request.query.get("associationType")
        return [
            one
            for one in self.store.associations
            if one["resourceName"] == name
            and namespace in {"-", one["resourceNamespace"]}
            and kind in {None, one["associationType"]}
        ]

    def _associate(self, request: Request) -> dict[str, Any]:
        name = request.body["resourceName"]
        if "." in name:
            raise invalid_association(f"resourceName '{name}'")
        head = {
            key: request.body[key]
            for key in ("resourceName", "resourceNamespace", "resourceId", "resourceType")
        }
        for one in request.body["associations"]:
            self.store.live(self._subject(one["subject"]))
            self.store.associations.append(head | {"frozen": False} | one)
        return request.body


def _without_context(path: str) -> tuple[str, str]:
    match = re.fullmatch(r"/contexts/([^/]+)(/.*)", path)
    return (match[2], unquote(match[1])) if match else (path, DEFAULT_CONTEXT)
