"""A small OAuth 2.0 token server on loopback: client credentials for a token, RFC 6749, 4.4."""

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


@dataclass
class TokenServer:
    """Gives one token to one client.

    Attributes:
        client: The client's id and secret.
        token: What it is given.
        url: Where.
        given: How often a token was given.
        scopes: What was asked for with each.
    """

    client: tuple[str, str]
    token: str
    url: str = ""
    given: int = 0
    scopes: list[str] = field(default_factory=list)

    def answer(
        self, authorization: str, form: dict[str, list[str]]
    ) -> tuple[int, dict[str, object]]:
        """The token, or what is wrong with the request."""
        wanted = base64.b64encode(":".join(self.client).encode()).decode()
        if authorization != f"Basic {wanted}":
            return 401, {"error": "invalid_client"}
        if form.get("grant_type") != ["client_credentials"]:
            return 400, {"error": "unsupported_grant_type"}
        self.given += 1
        self.scopes += form.get("scope", [])
        return 200, {"access_token": self.token, "token_type": "Bearer", "expires_in": 300}


@contextmanager
def serve_tokens(
    client: tuple[str, str], token: str, tls: ssl.SSLContext | None = None
) -> Iterator[TokenServer]:
    """Serve tokens until the block ends, over TLS where a context is given."""
    tokens = TokenServer(client, token)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            authorization = self.headers.get("Authorization") or ""
            status, answer = tokens.answer(authorization, parse_qs(raw))
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output to what the test says."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    tokens.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/token"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield tokens
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
