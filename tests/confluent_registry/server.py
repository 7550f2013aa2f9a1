"""The registry on a port of this machine: logins, and faults on request."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.confluent_registry.registry import ConfluentRegistry, Request


class RunningRegistry(ConfluentRegistry):
    """A registry that is being served.

    Attributes:
        url: Where it is.
        login: If set, the only user and password let in.
        token: If set, the only bearer token let in.
        status: If set, the HTTP status of every answer: 401, 403, 500 and so on.
        rubbish: If set, the raw body of every answer, with `status` or 200.
        delay: Seconds before each answer.
        asked: Every request as `GET /path?query`, oldest first.
    """

    def __init__(self, release: str = "8.3.1") -> None:
        super().__init__(release)
        self.url = ""
        self.login: tuple[str, str] | None = None
        self.token = ""
        self.status = 0
        self.rubbish: bytes | None = None
        self.delay = 0.0
        self.asked: list[str] = []
        self.lock = threading.Lock()

    def serve(self, method: str, target: str, authorization: str, raw: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to one HTTP request."""
        self.asked.append(f"{method} {target}")
        time.sleep(self.delay)
        if self.rubbish is not None:
            return self.status or 200, self.rubbish
        if self.status:
            return self.status, _fault(self.status)
        if not self._lets_in(authorization):
            return 401, _fault(401)
        parts = urlsplit(target)
        body = json.loads(raw) if raw else {}
        request = Request(method, parts.path, dict(parse_qsl(parts.query)), body)
        with self.lock:
            status, answer = self.answer(request)
        return status, json.dumps(answer).encode()

    def _lets_in(self, authorization: str) -> bool:
        wanted = set()
        if self.login is not None:
            wanted.add("Basic " + base64.b64encode(":".join(self.login).encode()).decode())
        if self.token:
            wanted.add(f"Bearer {self.token}")
        return not wanted or authorization in wanted


@contextmanager
def serve_registry(release: str = "8.3.1") -> Iterator[RunningRegistry]:
    """Serve a registry on loopback until the block ends."""
    registry = RunningRegistry(release)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(registry))
    registry.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(registry: RunningRegistry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            authorization = self.headers.get("Authorization") or ""
            status, body = registry.serve(self.command, self.path, authorization, raw)
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # a client that did not wait for a slow answer

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            """Keep the test's output to what the test says."""

    return Handler


def _fault(status: int) -> bytes:
    names = {401: "Unauthorized", 403: "User is denied operation", 503: "Service Unavailable"}
    message = names.get(status, f"HTTP {status}")
    return json.dumps({"error_code": status, "message": message}).encode()
