"""The proxy before an object store."""

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from infra.object_store.proxy import Fault, StoreProxy


class Store(BaseHTTPRequestHandler):
    """Keeps objects in a dictionary, and refuses a conditional write of a taken key."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]

    def do_PUT(self) -> None:
        """Write an object."""
        content = self.rfile.read(int(self.headers["Content-Length"]))
        taken = "If-None-Match" in self.headers and self.path in self.objects
        if not taken:
            self.objects[self.path] = content
        self._answer(412 if taken else 200, b"")

    def do_GET(self) -> None:
        """Read an object."""
        content = self.objects.get(self.path)
        self._answer(404 if content is None else 200, content or b"")

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


@pytest.fixture
def objects() -> dict[str, bytes]:
    """What the store has."""
    return {}


@pytest.fixture
def proxy(objects: dict[str, bytes]) -> Iterator[StoreProxy]:
    """A proxy before a store."""
    handler = type("Handler", (Store,), {"objects": objects})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with StoreProxy(f"http://127.0.0.1:{server.server_port}") as started:
            yield started
        server.shutdown()
        thread.join()


def ask(
    proxy: StoreProxy, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, bytes]:
    """One request on a connection of its own; status and content."""
    connection = http.client.HTTPConnection(proxy.endpoint.removeprefix("http://"), timeout=60)
    try:
        connection.request(
            method, path, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_requests_pass_and_are_counted(proxy: StoreProxy) -> None:
    """With their kinds and bytes."""
    assert ask(proxy, "PUT", "/b/a%20key", b"12345")[0] == 200
    assert ask(proxy, "GET", "/b/a%20key") == (200, b"12345")
    assert ask(proxy, "GET", "/b?list-type=2")[0] == 404
    assert [(one.kind, one.key, one.sent, one.received) for one in proxy.requests] == [
        ("PUT", "b/a key", 5, 0),
        ("GET", "b/a key", 0, 5),
        ("LIST", "b", 0, 0),
    ]


@pytest.mark.parametrize(
    ("fault", "status"),
    [(Fault.SLOW_DOWN, 503), (Fault.FAILED, 500), (Fault.CONFLICT, 409), (Fault.FORBIDDEN, 403)],
)
def test_a_refusal_does_not_reach_the_store(
    proxy: StoreProxy, objects: dict[str, bytes], fault: Fault, status: int
) -> None:
    """The client gets the store's way of saying so."""
    proxy.fault = lambda _: fault
    found, content = ask(proxy, "PUT", "/b/k", b"1")
    assert (found, objects) == (status, {})
    assert b"<Code>" in content


@pytest.mark.parametrize(("fault", "done"), [(Fault.CUT_REQUEST, False), (Fault.LOST_ANSWER, True)])
def test_a_connection_that_ends(
    proxy: StoreProxy, objects: dict[str, bytes], fault: Fault, *, done: bool
) -> None:
    """The client cannot tell whether its request was carried out."""
    proxy.fault = lambda _: fault
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        ask(proxy, "PUT", "/b/k", b"1")
    assert bool(objects) == done


def test_an_answer_that_is_cut(proxy: StoreProxy, objects: dict[str, bytes]) -> None:
    """Half of an object comes."""
    objects["/b/k"] = bytes(1000)
    proxy.fault = lambda _: Fault.CUT_ANSWER
    with pytest.raises(http.client.IncompleteRead):
        ask(proxy, "GET", "/b/k")


def test_a_store_without_conditions(proxy: StoreProxy, objects: dict[str, bytes]) -> None:
    """Both of two writers are told that they created the key."""
    once = {"If_None_Match": "*"}
    assert ask(proxy, "PUT", "/b/k", b"1", **once)[0] == 200
    assert ask(proxy, "PUT", "/b/k", b"2", **once)[0] == 412
    proxy.fault = lambda _: Fault.BLIND
    assert ask(proxy, "PUT", "/b/k", b"2", **once)[0] == 200
    assert objects == {"/b/k": b"1"}
