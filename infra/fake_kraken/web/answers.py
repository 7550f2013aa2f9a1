"""Kraken's answers other than trades and candles, right and wrong ones."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from aiohttp import web

from infra.fake_kraken.faults.faults import Fault
from infra.fake_kraken.faults.kinds import FaultKind
from infra.fake_kraken.market.tape import TapePair

__all__ = ["asset_pairs", "error", "kraken_answer", "server_time", "system_status", "wrong_answer"]

_HTML_520: Final = (
    "<!DOCTYPE html><html><head><title>520: unknown error</title></head>"
    "<body><h1>The web server returned an unknown error</h1></body></html>"
)

_HTML_403: Final = (
    "<!DOCTYPE html><html><head><title>Access denied</title></head>"
    "<body><h1>Sorry, you have been blocked</h1></body></html>"
)


def kraken_answer(body: bytes, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return an answer as Kraken sends it: with HTTP 200, also for an error."""
    return web.Response(
        body=body, content_type="application/json", charset="utf-8", headers=headers
    )


def error(message: str) -> web.Response:
    """Return a refusal as Kraken sends it: HTTP 200, a list of errors, no result."""
    return kraken_answer(_compact({"error": [message]}))


def server_time(now: datetime) -> web.Response:
    """Answer Time."""
    rfc1123 = now.strftime("%a, %d %b %y %H:%M:%S +0000")
    return _result({"unixtime": int(now.timestamp()), "rfc1123": rfc1123})


def system_status(now: datetime) -> web.Response:
    """Answer SystemStatus: always online."""
    return _result({"status": "online", "timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ")})


def asset_pairs(pairs: Sequence[TapePair]) -> web.Response:
    """Answer AssetPairs, each entry as it was recorded."""
    entries = ",".join(f'"{pair.rest_name}":{pair.entry}' for pair in pairs)
    return kraken_answer(f'{{"error":[],"result":{{{entries}}}}}'.encode())


def wrong_answer(fault: Fault) -> web.Response | None:
    """Return the answer with which a fault replaces the right one; None if it replaces none."""
    make = _WRONG.get(fault.kind)
    return make(fault) if make else None


_WRONG: Final[Mapping[FaultKind, Callable[[Fault], web.Response]]] = MappingProxyType(
    {
        FaultKind.ERROR: lambda fault: error(fault.message),
        FaultKind.RATE_LIMIT: lambda _: error("EAPI:Rate limit exceeded"),
        FaultKind.UNAVAILABLE: lambda _: error("EService:Unavailable"),
        FaultKind.HTTP_403: lambda _: web.Response(
            status=403, text=_HTML_403, content_type="text/html"
        ),
        FaultKind.HTTP_404: lambda _: web.Response(status=404, text="404 page not found"),
        FaultKind.HTTP_429: lambda _: web.Response(status=429, text="Too Many Requests"),
        FaultKind.HTTP_503: lambda _: web.Response(status=503, text="Service Unavailable"),
        FaultKind.HTTP_520: lambda _: web.Response(
            status=520, text=_HTML_520, content_type="text/html"
        ),
        FaultKind.RUBBISH: lambda _: kraken_answer(b'{"error":[],"resu\xff\xfe\x00 no JSON'),
    }
)


def _result(result: object) -> web.Response:
    return kraken_answer(_compact({"error": [], "result": result}))


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
