"""Send one GET to Kraken over httpx: return the whole body, or raise a VenueError."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import version
from typing import Final

import httpx

from producer.kraken.rest.envelope import open_envelope
from producer.kraken.rest.refusals import refusal_of_status
from producer.kraken.settings import KrakenClientSettings
from producer.model.venue_errors import (
    AddressRefused,
    AnswerMalformed,
    RateLimited,
    Unreachable,
    VenueError,
)

__all__ = ["get", "open_http", "user_agent"]

_RETRY_AFTER: Final = "Retry-After"
_DISTRIBUTION: Final = "kraken-lake"


def user_agent() -> str:
    """Return our name and version; Kraken refuses calls without (support article 206548367)."""
    return f"{_DISTRIBUTION}/{version(_DISTRIBUTION)}"


def open_http(
    settings: KrakenClientSettings, transport: httpx.BaseTransport | None
) -> httpx.Client:
    """Build the HTTP client; no connection is made yet.

    Raises:
        AddressRefused: The address is no URL.
    """
    try:
        return httpx.Client(
            base_url=settings.api_url,
            headers={"User-Agent": user_agent()},
            timeout=httpx.Timeout(settings.read_timeout, connect=settings.connect_timeout),
            transport=transport,
        )
    except httpx.InvalidURL as error:
        raise AddressRefused(
            f"{settings.api_url!r} is no URL ({error}); check KRAKEN_API_URL"
        ) from error


def get(http: httpx.Client, path: str, params: Mapping[str, str], *, asked: str) -> bytes:
    """Fetch one answer.

    Args:
        http: An open client whose base URL is Kraken's.
        path: `/0/public/Trades`.
        params: The query.
        asked: The call, as error messages name it: `Trades for XBTUSDT`.

    Raises:
        VenueError: No whole answer with HTTP status 200 came.
    """
    try:
        response = http.get(path, params=params)
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise AddressRefused(
            f"{http.base_url} cannot be called ({error}); check KRAKEN_API_URL"
        ) from error
    except httpx.DecodingError as error:
        raise AnswerMalformed(f"Kraken's answer to {asked} cannot be unpacked: {error}") from error
    except httpx.TransportError as error:
        raise Unreachable(
            f"no whole answer to {asked} from {http.base_url} ({type(error).__name__}: {error}); "
            "check the network and KRAKEN_API_URL if this repeats"
        ) from error
    if response.status_code != HTTPStatus.OK:
        raise _refusal(response, asked)
    return response.content


def _refusal(response: httpx.Response, asked: str) -> VenueError:
    """Return the error in the body if it is one of Kraken's, else that of the status."""
    by_status = refusal_of_status(response.status_code, asked, until=_until(response))
    if isinstance(by_status, RateLimited):
        return by_status
    try:
        open_envelope(response.content, asked=asked)
    except AnswerMalformed:
        return by_status
    except VenueError as by_body:
        return by_body
    return by_status


def _until(response: httpx.Response) -> float | None:
    """Return when to call again, unix seconds, if `Retry-After` gives seconds."""
    seconds = response.headers.get(_RETRY_AFTER, "")
    return datetime.now(UTC).timestamp() + int(seconds) if seconds.isdecimal() else None
