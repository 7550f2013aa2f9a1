import pytest

from producer.kraken.rest.refusals import refusal, refusal_of_status
from producer.model.venue_errors import (
    AccessDenied,
    AddressRefused,
    RateLimited,
    RequestRefused,
    ServerFailed,
    Unavailable,
    UnknownPair,
    VenueError,
    VenueTerminal,
    VenueTransient,
)
from tests.engine import ROOT

OBSERVED = (
    ROOT / "tests" / "unit" / "producer" / "kraken" / "data" / "observed_errors.txt"
).read_text(encoding="utf-8")

# Every error text in the file of observed errors, as it stands there: client libraries have
# dropped the leading E of some.
OBSERVED_MESSAGES = {
    "EAPI:Invalid nonce": RequestRefused,
    "Service:Unavailable": Unavailable,
    "API:Rate limit exceeded": RateLimited,
    "Query:Unknown asset pair": UnknownPair,
    "EQuery:Unknown asset pair": UnknownPair,
    "EAPI:Rate limit exceeded": RateLimited,
    "EGeneral:Too many requests": RateLimited,
    "EService:Unavailable": Unavailable,
}

# From Kraken's documentation of its errors.
DOCUMENTED_MESSAGES = {
    "EService: Throttled: 1762820035": RateLimited,
    "EService:Busy": Unavailable,
    "EService:Timeout": Unavailable,
    "EService:Deadline elapsed": Unavailable,
    "EService:Market in cancel_only mode": Unavailable,
    "EGeneral:Temporary lockout": RateLimited,
    "EGeneral:Internal error": Unavailable,
    "EGeneral:Invalid arguments": RequestRefused,
    "EGeneral:Invalid arguments:count": RequestRefused,
    "EGeneral:Permission denied": RequestRefused,
    "EGeneral:Unknown method": RequestRefused,
    "EAPI:Feature disabled": RequestRefused,
    "EQuery:Unknown asset": RequestRefused,
}


@pytest.mark.parametrize(
    ("message", "kind"), [*OBSERVED_MESSAGES.items(), *DOCUMENTED_MESSAGES.items()]
)
def test_a_message_becomes_an_error_of_its_kind(message: str, kind: type[VenueError]) -> None:
    """The type says whether to try again, the text names the call and the message."""
    error = refusal([message], "Trades for XBTUSDT")
    assert type(error) is kind
    assert "Trades for XBTUSDT" in str(error)
    assert repr(message) in str(error)


@pytest.mark.parametrize("message", OBSERVED_MESSAGES)
def test_the_observed_messages_are_observed(message: str) -> None:
    """Nothing in the table was made up."""
    assert message in OBSERVED


def test_a_throttle_tells_until_when() -> None:
    """`EService: Throttled` carries the unix time from which calls are welcome again."""
    error = refusal(["EService: Throttled: 1762820035"], "Trades")
    assert isinstance(error, RateLimited)
    assert error.until == 1762820035


def test_a_throttle_without_a_time_is_a_rate_limit_still() -> None:
    """The time may be missing."""
    error = refusal(["EService:Throttled"], "Trades")
    assert isinstance(error, RateLimited)
    assert error.until is None


@pytest.mark.parametrize("message", ["EDatabase:Internal error", "ENew:Whatever", "gibberish", ""])
def test_an_unknown_family_may_pass(message: str) -> None:
    """What we know nothing of is tried again, within bounds, rather than ending the program."""
    assert isinstance(refusal([message], "Trades"), Unavailable)


@pytest.mark.parametrize(
    ("messages", "kind"),
    [
        (["EAPI:Rate limit exceeded", "EQuery:Unknown asset pair"], UnknownPair),
        (["EService:Unavailable", "EAPI:Rate limit exceeded"], RateLimited),
        (["EService:Busy", "EService:Unavailable"], Unavailable),
    ],
)
def test_of_several_messages_the_gravest_decides(
    messages: list[str], kind: type[VenueError]
) -> None:
    """A terminal one before a rate limit, a rate limit before any other."""
    assert type(refusal(messages, "Trades")) is kind
    assert type(refusal(messages[::-1], "Trades")) is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, RateLimited),
        (408, ServerFailed),
        (500, ServerFailed),
        (502, ServerFailed),
        (503, ServerFailed),
        (504, ServerFailed),
        (520, ServerFailed),
        (522, ServerFailed),
        (301, AddressRefused),
        (403, AccessDenied),
        (404, AddressRefused),
    ],
)
def test_a_status_becomes_an_error_of_its_kind(status: int, kind: type[VenueError]) -> None:
    """If the body says nothing, the status decides."""
    error = refusal_of_status(status, "Trades for XBTUSDT")
    assert type(error) is kind
    assert f"HTTP {status}" in str(error)


def test_every_error_is_transient_or_terminal() -> None:
    """No type stands outside the tree's two branches."""
    kinds = {*OBSERVED_MESSAGES.values(), *DOCUMENTED_MESSAGES.values()}
    assert all(
        issubclass(kind, VenueTransient) != issubclass(kind, VenueTerminal) for kind in kinds
    )
