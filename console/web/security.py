"""What every request must be, and the headers that every answer has."""

from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["OnlyReading"]

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_LONGEST_PATH: Final = 500


class OnlyReading:
    """Answers GET and HEAD for the names that this server has, and nothing else.

    The name is checked because another site's page could otherwise read this one: it would let its
    own name resolve to 127.0.0.1.

    Args:
        app: what answers the requests that pass.
        names: host names, in lower case and without a port.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app, self._names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refused = self._refused(scope)
        await (refused or self._app)(scope, receive, send_with_headers)

    def _refused(self, scope: Scope) -> PlainTextResponse | None:
        if scope["method"] not in {"GET", "HEAD"}:
            return PlainTextResponse(
                "These pages are read-only: only GET is answered.\n", 405, {"Allow": "GET, HEAD"}
            )
        host = _without_port(Headers(scope=scope).get("host", "")).lower()
        if host not in self._names:
            return PlainTextResponse(
                "This name is not one of this server's. If it should be, add it to "
                "CONSOLE_ALLOWED_HOSTS.\n",
                421,
            )
        if len(scope["path"]) > _LONGEST_PATH or "\0" in scope["path"]:
            return PlainTextResponse("There is no such page.\n", 404)
        return None


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
