"""Look again, while pairs are recorded by rule, which pairs the venue lists."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Final

import structlog

from producer.errors import PairParked
from producer.ingest.look_up import start_look_up
from producer.model.pair import Pair
from producer.model.venue_errors import VenueError

__all__ = ["Listed", "ListingChange", "ListingWatch", "delisted"]

log = structlog.get_logger()

_MOST_NAMED: Final = 20
_MISSING_TWICE: Final = 2
"""A pair counts as delisted after so many listings in a row without it: Kraken's back ends may
disagree for a while."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What the venue lists now.

    Attributes:
        brought: The pairs that the rules bring and that are not recorded yet.
        keys: The keys of all pairs that are listed, whatever the rules say.
        refused: The asset classes that the venue refused to list: nothing is known of their pairs.
    """

    brought: Sequence[Pair]
    keys: frozenset[str]
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ListingChange:
    """What has changed since the listing before.

    Attributes:
        added: Pairs to record from now on.
        gone: Recorded pairs that are not listed any more.
        returned: Recorded pairs that were gone and are listed again.
    """

    added: Sequence[Pair] = ()
    gone: Sequence[Pair] = ()
    returned: Sequence[Pair] = ()


_NOTHING: Final = ListingChange()


class ListingWatch:
    """Asks for the listing at an interval, and says what has changed.

    A venue that does not answer changes nothing: it is asked again at the next turn.

    Args:
        look_up: Asks the venue; gets the pairs that are recorded.
        pairs: The pairs that are recorded from the start.
        every: Seconds from one question to the next.
        now: The time, on the clock of `take`.
        pool: Runs the question; None: the caller's thread runs it and waits.
        welcome: Called with added pairs before they are returned: claims them, and writes where
            they begin.
    """

    def __init__(  # noqa: PLR0913  what a look-up needs
        self,
        look_up: Callable[[Sequence[Pair]], Listed],
        pairs: Iterable[Pair],
        *,
        every: float,
        now: float,
        pool: Executor | None = None,
        welcome: Callable[[Sequence[Pair]], object] = len,
    ) -> None:
        self._look_up = look_up
        self._recorded = {pair.key: pair for pair in pairs}
        self._every = every
        self._due = now + every
        self._pool = pool
        self._welcome = welcome
        self._asked: Future[Listed] | None = None
        self._missing: dict[str, int] = {}

    @property
    def due(self) -> float:
        """When to call `take` next."""
        return self._due

    def note(self, pairs: Iterable[Pair]) -> None:
        """Count pairs as recorded that were found in another way."""
        self._recorded |= {pair.key: pair for pair in pairs}

    def take(self, now: float) -> ListingChange:
        """Return what has changed; ask the venue when that is due.

        Raises:
            TerminalError: An added pair could not be claimed.
        """
        if self._asked is None:
            if now < self._due:
                return _NOTHING
            self._due = now + self._every
            recorded = tuple(self._recorded.values())
            self._asked = start_look_up(self._pool, lambda: self._look_up(recorded))
        if not self._asked.done():
            return _NOTHING
        asked, self._asked = self._asked, None
        try:
            listed = asked.result()
        except VenueError as error:
            log.warning("pairs_not_listed", error=str(error), retry_in=round(self._every, 1))
            return _NOTHING
        return self._changes(listed)

    def _changes(self, listed: Listed) -> ListingChange:
        # What was found in another way since the question is not new.
        added = [pair for pair in listed.brought if pair.key not in self._recorded]
        gone, returned = [], []
        for key, pair in self._recorded.items():
            if pair.asset_class in listed.refused:
                continue
            if key in listed.keys:
                if self._missing.pop(key, 0) >= _MISSING_TWICE:
                    returned.append(pair)
                continue
            self._missing[key] = self._missing.get(key, 0) + 1
            if self._missing[key] == _MISSING_TWICE:
                gone.append(pair)
        if added:
            self._welcome(added)
            self.note(added)
        for event, pairs in (
            ("pairs_listed", added),
            ("pairs_delisted", gone),
            ("pairs_listed_again", returned),
        ):
            if pairs:
                log.warning(event, number=len(pairs), symbols=_named(pairs))
        return ListingChange(tuple(added), tuple(gone), tuple(returned))


def delisted(pair: Pair) -> PairParked:
    """Return the error that parks a pair that the venue does not list any more."""
    return PairParked(
        pair.symbol,
        "Kraken does not list it any more",
        "nothing has to be done: it is recorded on if Kraken lists it again",
    )


def _named(pairs: Sequence[Pair]) -> list[str]:
    return [pair.symbol for pair in pairs[:_MOST_NAMED]]
