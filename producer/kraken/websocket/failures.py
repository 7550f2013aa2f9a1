"""What it means that a connection failed or broke. Pure."""

from http import HTTPStatus
from typing import Final

from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI

from producer.model.venue_errors import AccessDenied, AddressRefused, Unreachable, VenueError

__all__ = ["meaning_of"]

_PASSING: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
"""The HTTP statuses that a retry may not meet again."""


def meaning_of(error: Exception, url: str, *, connected_before: bool) -> VenueError:
    """Return the error of ours that another library's amounts to.

    Args:
        error: What websockets or the network raised.
        url: The address of the connection.
        connected_before: Whether an earlier connection to it succeeded: then the address is right.
    """
    if isinstance(error, InvalidURI):
        return AddressRefused(f"{url!r} is no URL ({error}); check KRAKEN_WEBSOCKET_URL")
    if isinstance(error, InvalidStatus):
        return _of_status(error.response.status_code, url, connected_before=connected_before)
    if isinstance(error, ConnectionClosed):
        return Unreachable(f"the connection to {url} has ended ({error})")
    return Unreachable(f"no connection to {url} ({type(error).__name__}: {error})")


def _of_status(status: int, url: str, *, connected_before: bool) -> VenueError:
    said = f"{url} answered with HTTP {status}"
    if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unreachable(f"{said}; it usually passes")
    if status == HTTPStatus.FORBIDDEN:
        return AccessDenied(f"{said}: the firewall before Kraken blocks this address")
    if connected_before:
        return AccessDenied(f"{said}; it answered before, so this is expected to pass")
    return AddressRefused(f"{said}; check that KRAKEN_WEBSOCKET_URL is Kraken's address")
