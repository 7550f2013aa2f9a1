"""A proxy before an object store that counts requests and brings faults: for tests and the bench.

It forwards each request as it came, so that its signature stays valid.
"""

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from infra.embedded.ports import LOOPBACK

__all__ = ["Fault", "Request", "StoreProxy"]


class Fault(StrEnum):
    """What the proxy does with a request instead of forwarding it and its answer."""

    SLOW_DOWN = "503 SlowDown; the store has not seen the request"
    FAILED = "500 InternalError; the store has not seen the request"
    CONFLICT = "409 ConditionalRequestConflict; the store has not seen the request"
    FORBIDDEN = "403 AccessDenied; the store has not seen the request"
    CUT_REQUEST = "the connection ends; the store has not seen the request"
    LOST_ANSWER = "the connection ends; the store has done what was asked"
    CUT_ANSWER = "the connection ends in the middle of the answer"
    BLIND = "a refused condition is answered as if the store had ignored it"


@dataclass(frozen=True)
class Request:
    """One request, as the proxy met it.

    Attributes:
        method: GET, PUT, …
        key: bucket and object, `bucket/a/b`.
        query: what follows the question mark.
        is_copy: whether it asks the server to copy an object.
        is_conditional: whether it has If-None-Match.
        sent: bytes of its body.
        status: the answer's status; 0 if the client got none.
        received: bytes of the answer's body.
    """

    method: str
    key: str
    query: str
    is_copy: bool
    is_conditional: bool
    sent: int
    status: int = 0
    received: int = 0

    @property
    def kind(self) -> str:
        """The operation by the name that price lists use: PUT, COPY, LIST, GET, HEAD, DELETE."""
        if self.method == "GET" and ("list-type=" in self.query or "/" not in self.key):
            return "LIST"
        return "COPY" if self.is_copy else self.method


_STATUS: Final = {
    Fault.SLOW_DOWN: (503, "SlowDown", "Please reduce your request rate."),
    Fault.FAILED: (500, "InternalError", "We encountered an internal error. Please try again."),
    Fault.CONFLICT: (409, "ConditionalRequestConflict", "A conflicting operation occurred."),
    Fault.FORBIDDEN: (403, "AccessDenied", "Access Denied"),
}
_NOT_FORWARDED: Final = {"connection", "keep-alive", "transfer-encoding", "content-length"}
_PATIENCE: Final = 120.0


class StoreProxy:
    """Listens on loopback as long as the `with` block runs.

    Args:
        endpoint: the store's base URL.
        fault: decides for each request; called from several threads.

    Attributes:
        requests: every request that is being answered or dropped, or has been, in that order.
    """

    def __init__(
        self, endpoint: str, fault: Callable[[Request], Fault | None] = lambda _: None
    ) -> None:
        self.fault = fault
        self.requests: list[Request] = []
        split = urlsplit(endpoint)
        self._server: Final = _Server((split.hostname or LOOPBACK, split.port or 80), self)
        self._thread: Final = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def endpoint(self) -> str:
        """The base URL for clients."""
        return f"http://{LOOPBACK}:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, store: tuple[str, int], proxy: StoreProxy) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self.store = store
        self.proxy = proxy

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that was killed in the middle of a request is part of the test."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self._store: http.client.HTTPConnection | None = None

    def finish(self) -> None:
        if self._store is not None:
            self._store.close()
        super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Write no log: `requests` is one."""

    def _handle(self) -> None:
        body = self._body()
        request = self._described(body)
        fault = self.server.proxy.fault(request)
        if fault in _STATUS:
            self._refuse(request, *_STATUS[fault])
        elif fault is Fault.CUT_REQUEST:
            self._drop(request)
        else:
            self._forward(request, body, fault)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _handle  # noqa: N815 - the base's names

    def _body(self) -> bytes:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _described(self, body: bytes) -> Request:
        path, _, query = self.path.partition("?")
        return Request(
            self.command,
            unquote(path).strip("/"),
            query,
            is_copy="x-amz-copy-source" in self.headers,
            is_conditional="If-None-Match" in self.headers,
            sent=len(body),
        )

    def _forward(self, request: Request, body: bytes, fault: Fault | None) -> None:
        status, headers, content = self._ask(body)
        if fault is Fault.LOST_ANSWER:
            self._drop(request)
            return
        if fault is Fault.BLIND and status == http.HTTPStatus.PRECONDITION_FAILED:
            status, headers, content = http.HTTPStatus.OK, [("ETag", '"0"')], b""
        if fault is Fault.CUT_ANSWER:
            self._drop(request)
        else:
            self._note(request, status, len(content))
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _NOT_FORWARDED:
                self.send_header(name, value)
        lengths = [value for name, value in headers if name.lower() == "content-length"]
        is_head = self.command == "HEAD"
        self.send_header("Content-Length", lengths[0] if is_head and lengths else str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if fault is Fault.CUT_ANSWER else content)

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        """Ask the store, on a connection that lives as long as the client's."""
        if self._store is None:
            self._store = http.client.HTTPConnection(*self.server.store, timeout=_PATIENCE)
        self._store.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _NOT_FORWARDED | {"expect"}:
                self._store.putheader(name, value)
        if body or self.command in {"PUT", "POST"}:
            self._store.putheader("Content-Length", str(len(body)))
        self._store.endheaders(body or None)
        answer = self._store.getresponse()
        return answer.status, answer.getheaders(), answer.read()

    def _refuse(self, request: Request, status: int, code: str, message: str) -> None:
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code>'
            f"<Message>{message}</Message></Error>"
        )
        content = b"" if self.command == "HEAD" else text.encode()
        self._note(request, status, len(content))
        self.send_response_only(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _drop(self, request: Request) -> None:
        """Close the connection once the handler returns."""
        self.close_connection = True
        self._note(request, 0, 0)

    def _note(self, request: Request, status: int, received: int) -> None:
        """Count a request before it is answered: a client may look as soon as it is."""
        self.server.proxy.requests.append(
            Request(
                request.method,
                request.key,
                request.query,
                request.is_copy,
                request.is_conditional,
                request.sent,
                status,
                received,
            )
        )
