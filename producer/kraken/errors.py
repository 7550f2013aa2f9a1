"""What can go wrong with Kraken, told apart by what may help.

KrakenError
├── KrakenTransient         the same call may succeed later
│   ├── RateLimited         called too often; all calls have to slow down
│   ├── Unavailable         Kraken says that it cannot answer now: EService, HTTP 5xx, 520
│   ├── Unreachable         no whole answer: name, connection, timeout, cut in the middle
│   └── AnswerMalformed     an answer, but not one of Kraken's: no JSON, parts missing
└── KrakenTerminal          repeating the call changes nothing
    ├── UnknownPair         a name that AssetPairs does not hold
    ├── PairRepeated        one pair asked for twice, perhaps under two spellings
    ├── RequestRefused      Kraken understood the call and says no
    └── UnknownRowShape     a trade row that this parser cannot read
"""


class KrakenError(Exception):
    """Anything that went wrong between us and Kraken."""


class KrakenTransient(KrakenError):
    """The same call may succeed later."""


class KrakenTerminal(KrakenError):
    """Repeating the call changes nothing: somebody has to look."""


class RateLimited(KrakenTransient):
    """Kraken was called too often.

    Attributes:
        until: Unix time in seconds before which Kraken wants no further call, if it named one.
    """

    def __init__(self, message: str, *, until: float | None = None) -> None:
        super().__init__(message)
        self.until = until


class Unavailable(KrakenTransient):
    """Kraken, or what stands before it, says that it cannot answer now."""


class Unreachable(KrakenTransient):
    """No whole answer came: name not resolved, no connection, timeout, answer cut off."""


class AnswerMalformed(KrakenTransient):
    """An answer came that is not of Kraken's form: no JSON, or a part of it is missing."""


class UnknownPair(KrakenTerminal):
    """Kraken trades no pair of that name."""


class PairRepeated(KrakenTerminal):
    """One pair was asked for twice, perhaps under two spellings."""


class RequestRefused(KrakenTerminal):
    """Kraken understood the call and refuses it."""


class UnknownRowShape(KrakenTerminal):
    """A trade row has a shape that this parser cannot read."""
