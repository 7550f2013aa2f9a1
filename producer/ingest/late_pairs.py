"""Pairs that Kraken did not list when the program started, looked up again later."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future

from producer.errors import PairParked, SettingsUnusable
from producer.ingest.look_up import start_look_up
from producer.ingest.retry_policy import RetryPolicy
from producer.model.pair import Pair, PairChoice
from producer.model.venue_errors import VenueTerminal, VenueTransient

__all__ = ["LatePairs"]


class LatePairs:
    """Looks the names up again when the retry policy allows it.

    Args:
        symbols: What the names would be recorded as.
        look_up: Looks up all names of the settings.
        retries: Has parked each of them, and decides when to ask again.
        pool: Runs the look-up; None: the caller's thread runs it and waits.
        found: Called with pairs that were found before they are returned, as it is called at the
            start with the pairs found then.
    """

    def __init__(
        self,
        symbols: Iterable[str],
        look_up: Callable[[], PairChoice],
        retries: RetryPolicy,
        pool: Executor | None = None,
        found: Callable[[Sequence[Pair]], object] = len,
    ) -> None:
        self._symbols = set(symbols)
        self._look_up = look_up
        self._retries = retries
        self._pool = pool
        self._found = found
        self._asked: Future[PairChoice] | None = None

    @property
    def wanted(self) -> list[str]:
        """The symbols that Kraken is asked for again."""
        return sorted(one for one in self._symbols if not self._retries.gave_up(one))

    @property
    def missing(self) -> list[str]:
        """All symbols that were not found."""
        return sorted(self._symbols)

    @property
    def due(self) -> float:
        """When to ask again; infinity if there is nothing to ask for."""
        return min((self._retries.due(one) for one in self.wanted), default=float("inf"))

    def take(self, now: float) -> list[Pair]:
        """Return the pairs that Kraken lists now; ask it when that is due."""
        if self._asked is None:
            if now < self.due:
                return []
            self._asked = start_look_up(self._pool, self._look_up)
        if not self._asked.done():
            return []
        asked, self._asked = self._asked, None
        try:
            choice = asked.result()
        except VenueTransient as error:
            for symbol in self.missing:
                self._retries.failed(symbol, error, now)
            return []
        except (VenueTerminal, SettingsUnusable) as error:
            advice = "change KRAKEN_PAIR or SYMBOL and start again"
            for symbol in self.missing:
                self._retries.failed(symbol, PairParked(symbol, str(error), advice), now)
            return []
        return self._taken(choice, now)

    def _taken(self, choice: PairChoice, now: float) -> list[Pair]:
        found = [symbol for symbol in self.missing if symbol in choice.pairs]
        for symbol in self.missing:
            if symbol in choice.unknown:
                self._retries.failed(symbol, choice.unknown[symbol], now)
        for symbol in found:
            self._retries.succeeded(symbol)
        self._symbols.difference_update(found)
        pairs = [choice.pairs[symbol] for symbol in found]
        if pairs:
            self._found(pairs)
        return pairs
