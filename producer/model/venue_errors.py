"""What can go wrong with Kraken, told apart by what may help, and by what it is about.

VenueError
├── VenueTransient         the same call may succeed later
│   ├── RateLimited         called too often; all calls have to slow down        (address)
│   ├── Unavailable         Kraken says that it cannot answer now: EService
│   │   └── ServerFailed    what stands before Kraken says so: HTTP 5xx, 520, 408  (address)
│   ├── Unreachable         no whole answer: name, connection, timeout, cut off  (address)
│   ├── AccessDenied        HTTP 403, or 404 where answers came before            (address)
│   └── AnswerMalformed     an answer, but not one of Kraken's: no JSON, parts missing
└── VenueTerminal          repeating the call at once changes nothing
    ├── PairRefused         Kraken says no to one pair; others are not affected
    │   ├── UnknownPair     a name that AssetPairs does not hold
    │   └── UnknownRowShape a trade row of the pair that this parser cannot read
    ├── PairRepeated        one pair asked for twice, perhaps under two spellings
    └── RequestRefused      Kraken understood the call, which is about no pair, and says no
        └── AddressRefused  nothing of Kraken's is at the address: no URL, HTTP 404

Those marked "address" are about the address that calls, hence about every pair. Of the other
transient ones it cannot be told from a single answer.
"""

from typing import ClassVar


class VenueError(Exception):
    """Anything that went wrong between us and Kraken."""


class VenueTransient(VenueError):
    """The same call may succeed later.

    Attributes:
        about_address: Whether every call from this address would meet with the same.
    """

    about_address: ClassVar[bool] = False


class VenueTerminal(VenueError):
    """Repeating the call at once changes nothing."""


class RateLimited(VenueTransient):
    """Kraken was called too often.

    Attributes:
        until: Unix time in seconds before which Kraken wants no further call, if it named one.
    """

    about_address = True

    def __init__(self, message: str, *, until: float | None = None) -> None:
        super().__init__(message)
        self.until = until


class Unavailable(VenueTransient):
    """Kraken says that it cannot answer now."""


class ServerFailed(Unavailable):
    """What stands before Kraken says that there is no answer now."""

    about_address = True


class Unreachable(VenueTransient):
    """No whole answer came: name not resolved, no connection, timeout, answer cut off."""

    about_address = True


class AccessDenied(VenueTransient):
    """The shield before Kraken turns this address away. It passes, but not within seconds."""

    about_address = True


class AnswerMalformed(VenueTransient):
    """An answer came that is not of Kraken's form: no JSON, or a part of it is missing."""


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
    """One pair was asked for twice, perhaps under two spellings."""


class RequestRefused(VenueTerminal):
    """Kraken understood a call that is about no single pair, and refuses it."""


class AddressRefused(RequestRefused):
    """Nothing of Kraken's answers at the address that the settings name."""
