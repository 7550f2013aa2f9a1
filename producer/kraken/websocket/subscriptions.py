"""Which symbols a connection has asked for, and what Kraken said to each: pure."""

from collections.abc import Iterable
from typing import Final

from producer.kraken.errors import KrakenError, RequestRefused, Unavailable, UnknownPair
from producer.kraken.websocket.messages import Answer

__all__ = ["Subscriptions", "refusal_of"]

_UNKNOWN: Final = ("currency pair not supported", "symbol not supported", "unknown symbol")
_HARMLESS: Final = ("already subscribed",)
_ABOUT_THE_REQUEST: Final = ("malformed", "unsupported", "invalid", "unknown", "event(s) not found")


class Subscriptions:
    """The answers that are still to come.

    Args:
        symbols: What is asked for.
    """

    def __init__(self, symbols: Iterable[str]) -> None:
        self._open = set(symbols)

    @property
    def complete(self) -> bool:
        """Whether Kraken has answered all."""
        return not self._open

    @property
    def unanswered(self) -> list[str]:
        """The symbols that Kraken has said nothing about."""
        return sorted(self._open)

    def note(self, answer: Answer) -> str | None:
        """Takes an answer; the symbol that is subscribed to by it, if one is.

        Raises:
            KrakenError: It is a refusal; its type says whether to try again.
        """
        if answer.error is not None and not answer.error.lower().startswith(_HARMLESS):
            raise refusal_of(answer)
        if answer.symbol not in self._open:
            return None
        self._open.discard(answer.symbol)
        return answer.symbol


def refusal_of(answer: Answer) -> KrakenError:
    """The error that a refusal amounts to."""
    said = f"Kraken's WebSocket refuses {answer.symbol or 'a request'} ({answer.error})"
    reason = (answer.error or "").lower()
    if reason.startswith(_UNKNOWN):
        return UnknownPair(
            f"{said}: take the pair out of KRAKEN_PAIR, or record it with KRAKEN_FEED=rest"
        )
    if reason.startswith(_ABOUT_THE_REQUEST):
        return RequestRefused(f"{said}; repeating it will not help: KRAKEN_FEED=rest still records")
    return Unavailable(f"{said}; it usually passes")
