"""A schema registry in this process, which answers as Confluent's or as Apicurio's does.

Answers were seen on Confluent 8.1.1 and Apicurio 3.0.9.
"""

import base64
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from runtime.settings import RegistrySettings
from schemas.registry.client import Registry
from tests.confluent_registry.server import RunningRegistry, serve_registry
from tests.unit.environment import no_settings_from_outside

Answer = tuple[int, Any]

__all__ = ["no_settings_from_outside"]


@dataclass
class FakeRegistry:
    """State and answers of a registry; `dialect` is `confluent` or `apicurio`.

    Attributes:
        subjects: Each subject's schemas as (id, text), oldest first.
        modes: The mode set per subject; the global one under "".
        refused: Subjects for which the registry's own check says no.
        always: If set, status and raw body of every answer.
        login: If set, the only user and password let in.
        writes: Every request that changed something, as (method, path).
    """

    dialect: str
    subjects: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    always: tuple[int, bytes] | None = None
    login: tuple[str, str] | None = None
    writes: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def put(self, subject: str, text: str) -> int:
        """Hold a schema for a subject, whatever it is, and return its id."""
        known = {
            held: schema_id for versions in self.subjects.values() for schema_id, held in versions
        }
        step = 1 if self.dialect == "confluent" else 3
        schema_id = known.get(text) or max(known.values(), default=1 - step) + step
        self.subjects.setdefault(subject, []).append((schema_id, text))
        return schema_id

    def answer(self, method: str, path: str, body: dict[str, Any] | None) -> Answer:
        """What this registry says to one request."""
        routes = {
            r"GET /subjects/([^/]+)/versions": self._versions,
            r"GET /subjects/([^/]+)/versions/(\d+)": self._version,
            r"POST /subjects/([^/]+)": self._lookup,
            r"POST /subjects/([^/]+)/versions": self._register,
            r"GET /schemas/ids/(\d+)": self._schema,
            r"GET /config/?([^/]*)": self._mode,
            r"PUT /config/([^/]+)": self._set_mode,
            r"POST /compatibility/subjects/([^/]+)/versions": self._is_compatible,
        }
        for pattern, route in routes.items():
            match = re.fullmatch(pattern, f"{method} {path}")
            if match:
                return route(body or {}, *map(unquote, match.groups()))
        return 404, {"error_code": 404, "message": "HTTP 404 Not Found"}

    def _versions(self, _: dict[str, Any], subject: str) -> Answer:
        if subject not in self.subjects:
            return self._no_subject()
        return 200, list(range(1, len(self.subjects[subject]) + 1))

    def _version(self, _: dict[str, Any], subject: str, number: str) -> Answer:
        schema_id, text = self.subjects[subject][int(number) - 1]
        return 200, {"subject": subject, "version": int(number), "id": schema_id, "schema": text}

    def _lookup(self, body: dict[str, Any], subject: str) -> Answer:
        if subject not in self.subjects:
            return self._no_subject()
        for number, (schema_id, text) in enumerate(self.subjects[subject], start=1):
            if self._is_same(text, body["schema"]):
                held = {"subject": subject, "version": number, "id": schema_id, "schema": text}
                return 200, held
        return 404, {"error_code": 40403, "message": "Schema not found"}

    def _register(self, body: dict[str, Any], subject: str) -> Answer:
        self.writes.append(("POST", subject))
        if subject in self.refused:
            return 409, {"error_code": 409, "message": f"not compatible with {subject}"}
        schema_id = self.put(subject, body["schema"])
        if self.dialect == "apicurio":
            return 200, {"id": schema_id}
        version = len(self.subjects[subject])
        return 200, {
            "id": schema_id,
            "version": version,
            "guid": f"00000000-0000-0000-0000-{schema_id:012}",
            "schemaType": "AVRO",
            "schema": body["schema"],
        }

    def _schema(self, _: dict[str, Any], schema_id: str) -> Answer:
        for versions in self.subjects.values():
            for held_id, text in versions:
                if held_id == int(schema_id):
                    return 200, {"schema": text}
        return 404, {"error_code": 40403, "message": "Schema not found"}

    def _mode(self, _: dict[str, Any], subject: str) -> Answer:
        if subject in self.modes:
            return 200, {"compatibilityLevel": self.modes[subject]}
        if subject == "":
            default = "BACKWARD" if self.dialect == "confluent" else "NONE"
            return 200, {"compatibilityLevel": default}
        if self.dialect == "confluent":
            return 404, {"error_code": 40408, "message": "no such config"}
        return self._no_subject()

    def _set_mode(self, body: dict[str, Any], subject: str) -> Answer:
        self.writes.append(("PUT", subject))
        self.modes[subject] = body["compatibility"]
        return 200, {"compatibility": body["compatibility"]}

    def _is_compatible(self, _: dict[str, Any], subject: str) -> Answer:
        verdict: dict[str, Any] = {"is_compatible": subject not in self.refused}
        return 200, verdict

    def _is_same(self, one: str, other: str) -> bool:
        if self.dialect == "apicurio":
            return one == other
        return bool(json.loads(one) == json.loads(other))

    def _no_subject(self) -> Answer:
        return 404, {"error_code": 40401, "message": "Subject not found"}


def _handler(registry: FakeRegistry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            if registry.always is not None:
                self._send(*registry.always)
            elif not self._is_let_in():
                self._send(401, b'{"error_code": 401, "message": "Unauthorized"}')
            else:
                status, answer = registry.answer(self.command, urlsplit(self.path).path, body)
                self._send(status, json.dumps(answer).encode())

        do_GET = do_POST = do_PUT = _serve  # noqa: N815 - the names that http.server calls

        def _is_let_in(self) -> bool:
            if registry.login is None:
                return True
            wanted = base64.b64encode(":".join(registry.login).encode()).decode()
            return self.headers.get("Authorization") == f"Basic {wanted}"

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output to what the test says."""

    return Handler


@pytest.fixture(params=["confluent", "apicurio"])
def fake(request: pytest.FixtureRequest) -> Iterator[FakeRegistry]:
    """A running registry, once in each dialect."""
    registry = FakeRegistry(request.param)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(registry))
    registry.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield registry
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def settings(fake: FakeRegistry) -> RegistrySettings:
    """Settings that lead to the running registry."""
    return RegistrySettings(url=fake.url)


@pytest.fixture
def genuine() -> Iterator[RunningRegistry]:
    """A running registry that answers as Confluent's 8.3.1 does."""
    with serve_registry() as registry:
        yield registry


@pytest.fixture
def client(genuine: RunningRegistry) -> Registry:
    """Our own access to it."""
    return Registry(RegistrySettings(url=genuine.url))
