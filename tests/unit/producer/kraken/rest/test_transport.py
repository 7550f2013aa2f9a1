from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from producer.kraken.rest.transport import get, open_http, user_agent
from producer.kraken.settings import KrakenClientSettings
from producer.model.venue_errors import (
    AnswerMalformed,
    RateLimited,
    RequestRefused,
    Unavailable,
    Unreachable,
    VenueError,
)

HTML_520 = "<!DOCTYPE html><title>520: Web server is returning an unknown error</title>"


def get_from(handler: Callable[[httpx.Request], httpx.Response]) -> bytes:
    """Make one call that the handler answers."""
    with open_http(KrakenClientSettings(), httpx.MockTransport(handler)) as http:
        return get(http, "/0/public/Trades", {"pair": "XBTUSDT"}, asked="Trades for XBTUSDT")


def raising(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    """A network that fails in this way."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    return fail


def test_a_good_answer_is_its_body() -> None:
    """Byte for byte, from the address that the call is for."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b"\xffbody")

    assert get_from(answer) == b"\xffbody"
    assert str(seen[0].url) == "https://api.kraken.com/0/public/Trades?pair=XBTUSDT"


def test_every_call_says_who_calls() -> None:
    """The User-Agent holds our name and version."""
    assert get_from(lambda request: httpx.Response(200, text=request.headers["User-Agent"])) == (
        user_agent().encode()
    )
    name, _, version = user_agent().partition("/")
    assert name == "kraken-lake"
    assert version[0].isdigit()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("refused"), Unreachable),
        (httpx.ConnectTimeout("slow"), Unreachable),
        (httpx.ReadTimeout("slow"), Unreachable),
        (httpx.ReadError("reset"), Unreachable),
        (httpx.RemoteProtocolError("peer closed connection"), Unreachable),
        (httpx.DecodingError("bad gzip"), AnswerMalformed),
        (httpx.UnsupportedProtocol("no scheme"), RequestRefused),
    ],
)
def test_a_failing_network_is_a_kraken_error(error: Exception, kind: type[VenueError]) -> None:
    """Nothing of httpx leaves this module; the cause stays attached."""
    with pytest.raises(kind) as caught:
        get_from(raising(error))
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (httpx.Response(429, text="slow down"), RateLimited),
        (httpx.Response(503, text=""), Unavailable),
        (httpx.Response(520, html=HTML_520), Unavailable),
        (httpx.Response(404, text="not here"), RequestRefused),
        (httpx.Response(301, headers={"Location": "https://elsewhere"}), RequestRefused),
        (httpx.Response(503, json={"error": ["EGeneral:Invalid arguments"]}), RequestRefused),
        (httpx.Response(403, json={"error": ["EAPI:Rate limit exceeded"]}), RateLimited),
        (httpx.Response(429, json={"error": ["EService:Unavailable"]}), RateLimited),
        (httpx.Response(500, json={"error": [], "result": {}}), Unavailable),
    ],
)
def test_a_bad_status_is_judged_by_its_body_first(
    response: httpx.Response, kind: type[VenueError]
) -> None:
    """Kraken's own error says more than a status, except for 429."""
    with pytest.raises(kind, match="Trades for XBTUSDT"):
        get_from(lambda _: response)


@pytest.mark.parametrize(
    ("header", "seconds"), [("30", 30.0), ("soon", None), ("", None), ("-1", None)]
)
def test_retry_after_is_heeded_where_it_counts_seconds(header: str, seconds: float | None) -> None:
    """Other forms of the header are left alone."""
    before = datetime.now(UTC).timestamp()
    with pytest.raises(RateLimited) as caught:
        get_from(lambda _: httpx.Response(429, headers={"Retry-After": header}))
    until = caught.value.until
    assert until is None if seconds is None else until == pytest.approx(before + seconds, abs=5)


def test_an_address_that_is_none_names_its_setting() -> None:
    """A mistake in KRAKEN_API_URL is reported before any call."""
    with pytest.raises(RequestRefused, match="KRAKEN_API_URL"):
        open_http(KrakenClientSettings(api_url="http://host:port"), None)


def test_an_address_without_a_scheme_names_its_setting() -> None:
    """A mistake that only a call shows is reported as well."""
    with (
        open_http(KrakenClientSettings(api_url="api.kraken.com"), None) as http,
        pytest.raises(RequestRefused, match="KRAKEN_API_URL"),
    ):
        get(http, "/0/public/Time", {}, asked="Time")
