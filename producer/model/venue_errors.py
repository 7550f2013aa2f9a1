"""What can go wrong with Kraken, divided by what may help, and by what is affected.

VenueError
├── VenueTransient         the same call may succeed later
│   ├── RateLimited         called too often; all calls have to slow down        (address)
│   ├── Unavailable         Kraken says that it cannot answer now: EService
│   │   └── ServerFailed    a proxy before Kraken says so: HTTP 5xx, 520, 408    (address)
│   ├── Unreachable         no whole answer: name, connection, timeout, cut off  (address)
│   ├── AccessDenied        HTTP 403, or 404 where answers came before            (address)
│   └── AnswerMalformed     an answer, but not one of Kraken's: no JSON, parts missing
└── VenueTerminal          repeating the call at once changes nothing
    ├── PairRefused         Kraken refuses one pair; others are not affected
    │   ├── UnknownPair     a name that AssetPairs does not hold
    │   └── UnknownRowShape a trade row of the pair that this parser cannot read
    ├── PairRepeated        one pair requested twice, perhaps under two spellings
    └── RequestRefused      Kraken understood the call, which concerns no pair, and refuses it
        └── AddressRefused  Kraken's API is not at the address: no URL, HTTP 404

Those marked "address" concern the calling address, hence every pair. A single answer with one of
the other transient errors does not show whether all pairs are affected.
"""

from typing import ClassVar

__all__ = [
    "AccessDenied",
    "AddressRefused",
    "AnswerMalformed",
    "PairRefused",
    "PairRepeated",
    "RateLimited",
    "RequestRefused",
    "ServerFailed",
    "Unavailable",
    "UnknownPair",
    "UnknownRowShape",
    "Unreachable",
    "VenueError",
    "VenueTerminal",
    "VenueTransient",
]


class VenueError(Exception):
    """Base of all errors between us and Kraken."""


class VenueTransient(VenueError):
    """The same call may succeed later.

    Attributes:
        about_address: Whether every call from this address would fail in the same way.
    """

    about_address: ClassVar[bool] = False


class VenueTerminal(VenueError):
    """Repeating the call at once changes nothing."""


class RateLimited(VenueTransient):
    """Kraken was called too often.

    Attributes:
        until: Unix seconds before which Kraken wants no further call, if it named a time.
    """

    about_address = True

    def __init__(self, message: str, *, until: float | None = None) -> None:
        super().__init__(message)
        self.until = until


class Unavailable(VenueTransient):
    """Kraken says that it cannot answer now."""


class ServerFailed(Unavailable):
    """A proxy before Kraken says that there is no answer now."""

    about_address = True


class Unreachable(VenueTransient):
    """No whole answer came: name not resolved, no connection, timeout, answer cut off."""

    about_address = True


class AccessDenied(VenueTransient):
    """The firewall before Kraken blocks this address. It passes, but not within seconds."""

    about_address = True


class AnswerMalformed(VenueTransient):
    """An answer does not have Kraken's form: it is no JSON, or a part is missing."""


class PairRefused(VenueTerminal):
    """Kraken understood a call about one pair and refuses it.

    It may pass: some such answers come from a back end that does not know a pair yet, or no
    longer.
    """


class UnknownPair(PairRefused):
    """Kraken trades no pair of that name."""


class UnknownRowShape(PairRefused):
    """A trade row of a pair has a shape that this parser cannot read."""


class PairRepeated(VenueTerminal):
    """One pair was requested twice, perhaps under two spellings."""


class RequestRefused(VenueTerminal):
    """Kraken understood a call that concerns no single pair, and refuses it."""


class AddressRefused(RequestRefused):
    """Kraken's API does not answer at the address in the settings."""
