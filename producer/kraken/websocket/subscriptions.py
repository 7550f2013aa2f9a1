"""The symbols that a connection subscribes to, and the state of each subscription. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from producer.kraken.websocket.messages import Answer, Unsubscribed
from producer.model.venue_errors import Unavailable
from runtime.back_off import BackOff

__all__ = ["Ended", "Noted", "Refusal", "Started", "Subscriptions"]

_HARMLESS: Final = ("already subscribed",)
_FIRST_SECONDS: Final = 5.0
_MOST_SECONDS: Final = 60 * 60.0
_STABLE_AFTER: Final = 60.0


@dataclass(frozen=True, slots=True)
class Started:
    """From now on Kraken sends the symbol's trades."""

    symbol: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Kraken has ended the symbol's subscription without our request."""

    symbol: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Kraken refuses the symbol's subscription, or does not answer.

    Attributes:
        symbol: The symbol.
        reason: Kraken's reason.
        retry_in: Seconds until the next request.
    """

    symbol: str
    reason: str
    retry_in: float


Noted = Started | Ended | Refusal | None


@dataclass(slots=True)
class _Entry:
    """One symbol.

    Attributes:
        ask_at: When to subscribe; infinity while it is subscribed to or requested.
        answer_due: When Kraken's answer is due; None without a request.
        leaving: Whether we requested the end of its subscription.
        started_at: When its current or last subscription began.
    """

    ask_at: float = float("-inf")
    answer_due: float | None = None
    leaving: bool = False
    started_at: float = float("inf")
    back_off: BackOff = field(default_factory=lambda: BackOff(_FIRST_SECONDS, _MOST_SECONDS))

    def next_wait(self, now: float) -> float:
        """Return the seconds until the next request; a subscription that held resets them."""
        if now - self.started_at >= _STABLE_AFTER:
            self.back_off.reset()
        return self.back_off.next_wait()


class Subscriptions:
    """The subscriptions of one connection. Times are seconds on one clock.

    A symbol that Kraken refuses is requested again less and less often, and does not affect the
    other symbols.

    Args:
        symbols: The symbols to subscribe to.
        answer_within: Seconds that Kraken may take to answer.
    """

    def __init__(self, symbols: Iterable[str], answer_within: float) -> None:
        self._entries = {symbol: _Entry() for symbol in symbols}
        self._answer_within = answer_within
        self._heard = False

    def add(self, symbol: str) -> None:
        """Add a symbol to subscribe to."""
        self._entries.setdefault(symbol, _Entry())

    def remove(self, symbol: str) -> None:
        """Remove a symbol; answers about it mean nothing any more."""
        self._entries.pop(symbol, None)

    def begin(self, now: float) -> None:
        """Start with a new connection, without subscriptions. Refused symbols keep their wait."""
        self._heard = False
        for entry in self._entries.values():
            entry.answer_due, entry.leaving = None, False
            if entry.ask_at == float("inf"):
                entry.ask_at = now

    def take_due(self, now: float) -> list[str]:
        """Return the symbols to subscribe to now; they count as requested."""
        due = [symbol for symbol, entry in self._entries.items() if entry.ask_at <= now]
        for symbol in due:
            entry = self._entries[symbol]
            entry.ask_at, entry.answer_due = float("inf"), now + self._answer_within
        return due

    def leave(self, symbol: str, now: float) -> None:
        """Note that a subscription is being ended, to subscribe again."""
        entry = self._entries[symbol]
        entry.leaving, entry.ask_at = True, now

    def note(self, message: Answer | Unsubscribed, now: float) -> Noted:
        """Process an answer; return what it means for a symbol.

        Raises:
            Unavailable: It is a refusal that names no symbol of ours, so the whole request failed.
        """
        if isinstance(message, Unsubscribed):
            return self._ended(message, now)
        symbol, error = self._symbol_of(message), message.error
        if symbol is None:
            if error is None:
                return None
            raise Unavailable(f"Kraken's WebSocket refuses a request ({error})")
        entry = self._entries[symbol]
        if error is not None and not error.lower().startswith(_HARMLESS):
            return self._refused(symbol, error, now)
        if entry.answer_due is None:
            return None
        self._heard = True
        entry.answer_due, entry.leaving, entry.started_at = None, False, now
        return Started(symbol)

    def overdue(self, now: float) -> list[Refusal]:
        """Return the symbols whose answer is overdue.

        Raises:
            Unavailable: Kraken has answered no request at all.
        """
        late = [
            symbol
            for symbol, entry in self._entries.items()
            if entry.answer_due is not None and entry.answer_due < now
        ]
        if late and not self._heard:
            raise Unavailable(
                f"Kraken's WebSocket has not answered the subscription to {', '.join(sorted(late))}"
            )
        return [self._refused(symbol, "no answer", now) for symbol in late]

    def _refused(self, symbol: str, reason: str, now: float) -> Refusal:
        self._heard = True
        entry = self._entries[symbol]
        seconds = entry.next_wait(now)
        entry.ask_at, entry.answer_due, entry.leaving = now + seconds, None, False
        return Refusal(symbol, reason, seconds)

    def _ended(self, message: Unsubscribed, now: float) -> Noted:
        entry = self._entries.get(message.symbol or "")
        if message.symbol is None or entry is None or entry.leaving:
            if entry is not None:
                entry.leaving = False
            return None
        # Subscribe again at once, unless it keeps ending: then after a wait.
        held = now - entry.started_at >= _STABLE_AFTER
        entry.ask_at, entry.answer_due = now if held else now + entry.next_wait(now), None
        return Ended(message.symbol)

    def _symbol_of(self, answer: Answer) -> str | None:
        """Return the symbol of an answer; some refusals name it in their text alone."""
        if answer.symbol in self._entries:
            return answer.symbol
        if answer.symbol is not None or answer.error is None:
            return None
        words = answer.error.split()
        return next((symbol for symbol in self._entries if symbol in words), None)
