"""How far REST is behind: the trades that each pair is expected to lack, and how long it takes."""

import time
from collections.abc import Callable, Collection
from math import ceil
from typing import Final

import structlog

from producer.model.page import PAGE_LIMIT
from producer.model.starting_point import EARLIEST_MOMENT, nanoseconds

__all__ = ["Backlog", "CatchUpLog"]

log = structlog.get_logger()

_SECOND: Final = 1e9
_LIFETIME_SECONDS: Final = 5 * 365 * 86_400.0
"""Before a pair's rate is known: its trade ids count its trades since it was listed, years ago."""
_LEAST_SPAN: Final = 60.0
"""Seconds of trading that tell a pair's rate better than its lifetime does."""

_WORTH_LOGGING: Final = 20
"""So many calls take seconds."""
_LOGGED_EVERY: Final = 10.0
_CALLS_A_SECOND: Final = 10.0
"""Until it has been measured."""


class Backlog:
    """Estimates what each pair lacks from its cursor alone: nobody has to be asked.

    Args:
        last_trade_id: The last id recorded of a symbol; 0 if there is none.
        since: Kraken's cursor of a symbol.
        now: Unix seconds.
    """

    def __init__(
        self,
        last_trade_id: Callable[[str], int],
        since: Callable[[str], str | None],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._last_trade_id = last_trade_id
        self._since = since
        self._now = now
        self._first: dict[str, tuple[int, float]] = {}
        self._level_at: dict[str, float] = {}

    def level(self, symbol: str) -> None:
        """Note that the pair lacks nothing now. Its cursor does not show that if nothing traded."""
        self._level_at[symbol] = self._now()

    def missing(self, symbol: str) -> float:
        """Return how many trades the pair is expected to lack; a page before it has a cursor."""
        last, reached = self._last_trade_id(symbol), _moment(self._since(symbol))
        if not last or reached is None:
            return float(PAGE_LIMIT)
        first_id, first_at = self._first.setdefault(symbol, (last, reached))
        known = last > first_id and reached - first_at >= _LEAST_SPAN
        rate = (last - first_id) / (reached - first_at) if known else last / _LIFETIME_SECONDS
        return rate * max(0.0, self._now() - max(reached, self._level_at.get(symbol, 0.0)))

    def calls(self, symbol: str) -> int:
        """Return how many calls the pair is expected to need, at least one."""
        return max(1, ceil(self.missing(symbol) / PAGE_LIMIT))


class CatchUpLog:
    """Logs how long REST needs for the pairs that are behind, and when all have caught up.

    Nothing is logged where a few calls are enough.

    Args:
        backlog: Estimates the calls.
        call_interval: Least seconds from one call for a pair to the next.
    """

    def __init__(self, backlog: Backlog, call_interval: float = 0.0) -> None:
        self._backlog = backlog
        self._call_interval = call_interval
        self._answered = 0
        self._began: float | None = None
        self._most = 0
        self._logged_at: float | None = None

    def answered(self) -> None:
        """Count a call that was answered."""
        self._answered += 1

    def note(self, behind: Collection[str], now: float) -> None:
        """Note which pairs are behind; log if that is due.

        Args:
            behind: Their symbols.
            now: Seconds, on the caller's clock.
        """
        if not behind:
            if self._began is not None and self._logged_at is not None:
                seconds = round(now - self._began, 1)
                log.info("pairs_caught_up", pairs=self._most, calls=self._answered, seconds=seconds)
            self._began = self._logged_at = None
            self._most = self._answered = 0
            return
        self._began = now if self._began is None else self._began
        self._most = max(self._most, len(behind))
        if self._logged_at is not None and now < self._logged_at + _LOGGED_EVERY:
            return
        calls = [self._backlog.calls(symbol) for symbol in behind]
        if self._logged_at is None and sum(calls) < _WORTH_LOGGING:
            return
        self._logged_at = now
        log.info(
            "pairs_catching_up",
            pairs=len(behind),
            calls=sum(calls),
            estimated_seconds=round(self._estimate(calls, now)),
        )

    def _estimate(self, calls: Collection[int], now: float) -> float:
        elapsed = now - self._began if self._began is not None else 0.0
        measured = self._answered >= _WORTH_LOGGING and elapsed > 1
        rate = self._answered / elapsed if measured else _CALLS_A_SECOND
        # However fast Kraken answers, one pair's pages follow each other at the interval.
        return max(sum(calls) / rate, max(calls) * self._call_interval)


def _moment(since: str | None) -> float | None:
    """Return the time of a cursor in unix seconds; None if it stands for none."""
    cursor = nanoseconds(since) if since is not None else None
    return cursor / _SECOND if cursor is not None and cursor >= EARLIEST_MOMENT else None
