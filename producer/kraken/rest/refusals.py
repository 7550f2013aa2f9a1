"""What Kraken's error messages and HTTP statuses mean for the caller."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from producer.model.venue_errors import (
    AccessDenied,
    AddressRefused,
    RateLimited,
    RequestRefused,
    ServerFailed,
    Unavailable,
    UnknownPair,
    VenueError,
    VenueTransient,
)

__all__ = ["refusal", "refusal_of_status"]

_SLOW_DOWN: Final = "raise KRAKEN_CALL_INTERVAL_SECONDS if this repeats"
_PASSING: Final = "it usually passes; status.kraken.com shows outages"
_TOO_OFTEN: Final = ("rate limit exceeded", "too many requests", "temporary lockout")
_THROTTLED: Final = re.compile(r"throttled(?::\s*(?P<until>\d+))?", re.IGNORECASE)
_ABOUT_THE_CALL: Final = ("API", "General", "Query")
"""Error families about the call itself, so that repeating it changes nothing."""


def refusal(messages: Sequence[str], asked: str) -> VenueError:
    """Return the error that Kraken's messages amount to.

    A terminal message decides; without one a rate limit does, otherwise the first message.

    Args:
        messages: Kraken's `error` list without its warnings, at least one.
        asked: The call, as error messages name it: `Trades for XBTUSDT`.
    """
    errors = [_refusal(message, asked) for message in messages]
    return min(
        errors,
        key=lambda error: (isinstance(error, VenueTransient), not isinstance(error, RateLimited)),
    )


def refusal_of_status(status: int, asked: str, *, until: float | None = None) -> VenueError:
    """Return the error of an HTTP status other than 200, if the body does not say more."""
    said = f"Kraken answered {asked} with HTTP {status}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(f"{said}: called too often; {_SLOW_DOWN}", until=until)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return ServerFailed(f"{said}; {_PASSING}")
    if status == HTTPStatus.FORBIDDEN:
        return AccessDenied(
            f"{said}: its firewall blocks this address; that mostly passes within minutes; if it "
            "repeats, call less often (KRAKEN_CALL_INTERVAL_SECONDS)"
        )
    return AddressRefused(f"{said}; check that KRAKEN_API_URL is Kraken's address")


def _refusal(message: str, asked: str) -> VenueError:
    """Return the error of one message, from its family, `EService`, and text, `Unavailable`."""
    family, _, text = message.removeprefix("E").partition(":")
    text = text.strip().lower()
    said = f"Kraken answered {asked} with {message!r}"
    if throttled := _THROTTLED.match(text):
        until = throttled["until"]
        return RateLimited(f"{said}; {_SLOW_DOWN}", until=float(until) if until else None)
    if text.startswith(_TOO_OFTEN):
        return RateLimited(f"{said}; {_SLOW_DOWN}")
    if family == "Query" and text.startswith("unknown asset pair"):
        return UnknownPair(f"{said}; check KRAKEN_PAIR")
    if family in _ABOUT_THE_CALL and not text.startswith("internal error"):
        return RequestRefused(f"{said}; repeating the call will not help")
    return Unavailable(f"{said}; {_PASSING}")
