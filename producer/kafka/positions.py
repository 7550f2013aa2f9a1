"""What is recorded, as Kafka holds it: the cursors, and the missing ids before them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from producer.errors import CursorUnusable
from producer.model.cursor import Cursor
from producer.model.cursor_scope import LIVE, CursorScope
from producer.model.gaps.gap_ledger import Changes, GapLedger
from producer.model.gaps.gap_schedule import GAP_SCHEDULE, GapSchedule
from producer.model.gaps.missing_ids import MissingIds
from producer.model.page_update import PageUpdate, Recorded

__all__ = ["Positions", "no_missing_ids"]


def no_missing_ids() -> Iterable[MissingIds]:
    """Return no missing ids."""
    return ()


class Positions:
    """The cursors of one scope, with all pairs' open gaps and confirmed holes.

    Fetchers, the gap filler and the live recorder read it; only the publisher that owns it changes
    it, by `read` and `take`.

    Attributes:
        scope: Live recording, or a backfill beside it.
        schedule: When missing ids are asked for.

    Args:
        read_cursors: Reads the cursors that Kafka holds, by key; None for one that was removed.
        read_missing: Reads the open gaps and confirmed holes that Kafka holds.
        glance: The same, but does not wait for other programs' open transactions.
        exchange: The recorded venue.
        scope: Live recording, or a backfill beside it.
        schedule: When a gap that is found is asked for.
    """

    def __init__(  # noqa: PLR0913  it connects what reads Kafka
        self,
        read_cursors: Callable[[], Mapping[str, Cursor | None]],
        read_missing: Callable[[], Iterable[MissingIds]] = no_missing_ids,
        *,
        glance: Callable[[], Iterable[MissingIds]] | None = None,
        exchange: str,
        scope: CursorScope = LIVE,
        schedule: GapSchedule = GAP_SCHEDULE,
    ) -> None:
        self.scope = scope
        self.schedule = schedule
        self._exchange = exchange
        self._read_cursors = read_cursors
        self._read_missing = read_missing
        self._glance = glance or read_missing
        self._cursors: dict[str, Cursor | None] = {}
        self._ledger = GapLedger()

    def read(self) -> None:
        """Read everything again.

        Raises:
            TerminalError, KafkaUnreachable: Kafka cannot be read, or its records cannot be decoded.
        """
        self._cursors = dict(self._read_cursors())
        # The cursors of backfills too: their trades are in the same topic.
        for cursor in self._cursors.values():
            if cursor is not None and cursor.exchange != self._exchange:
                raise CursorUnusable(
                    f"the topic holds a cursor of {cursor.symbol} at {cursor.exchange}, this "
                    f"producer records {self._exchange}: give each EXCHANGE its own KAFKA_TOPIC"
                )
        self._ledger = GapLedger(self._read_missing())

    def cursor(self, symbol: str) -> Cursor | None:
        """Return the cursor of a symbol in this scope."""
        return self._cursors.get(self.scope.key(symbol))

    def since(self, symbol: str) -> str | None:
        """Return Kraken's cursor for the next request; None for the newest page."""
        cursor = self.cursor(symbol)
        return cursor.since if cursor else self.scope.first_since

    def last_trade_id(self, symbol: str) -> int:
        """Return the highest trade_id recorded of a symbol; 0 before the first."""
        cursor = self.cursor(symbol)
        return cursor.last_trade_id if cursor else 0

    def unknown(self, symbols: Iterable[str]) -> list[str]:
        """Return the symbols that have no cursor, and whose cursor was not removed either."""
        return [symbol for symbol in symbols if self.scope.key(symbol) not in self._cursors]

    def missing(self, symbol: str) -> Sequence[MissingIds]:
        """Return the open gaps and confirmed holes of a symbol, by id."""
        return tuple(self._ledger.of(symbol))

    def recorded(self, symbol: str) -> Recorded:
        """Return what is recorded of a symbol."""
        return Recorded(
            self._exchange,
            symbol,
            self.cursor(symbol),
            self._ledger.of(symbol),
            schedule=self.schedule,
        )

    def begun(self, symbols: Iterable[str], since: str, now: datetime) -> list[PageUpdate]:
        """Return the first cursors of the symbols that have none: before any trade, at `since`."""
        return [
            PageUpdate(
                self._exchange,
                symbol,
                now,
                cursor=Cursor(
                    exchange=self._exchange,
                    symbol=symbol,
                    last_trade_id=0,
                    since=since,
                    updated_at=now,
                ),
            )
            for symbol in symbols
            if self.cursor(symbol) is None
        ]

    def hold(self, publications: Iterable[PageUpdate]) -> bool:
        """Whether Kafka, when last read, held what these would write."""
        return all(
            (one.cursor is None or self.cursor(one.symbol) == one.cursor)
            and self._ledger.holds(one.symbol, one.changes)
            for one in publications
        )

    def take(self, publications: Iterable[PageUpdate]) -> None:
        """Apply what has been committed."""
        for one in publications:
            if one.cursor is not None:
                self._cursors[self.scope.key(one.symbol)] = one.cursor
            self._ledger.apply(one.symbol, one.changes)

    def look_at_others(self) -> Callable[[], "Callable[[], None]"]:
        """Prepare to read what other programs have written about missing ids.

        Returns:
            A function that reads, in any thread. It returns a function that applies the result, to
            be called in the thread that publishes; it does nothing if this program has written
            something meanwhile.
        """
        ledger, version = self._ledger, self._ledger.version

        def read() -> Callable[[], None]:
            fresh = GapLedger(self._glance())

            def take_over() -> None:
                if self._ledger is ledger and ledger.version == version:
                    self._ledger = fresh

            return take_over

        return read

    def changed(
        self,
        symbol: str,
        become: Callable[[MissingIds, datetime], MissingIds | None],
        now: datetime,
    ) -> PageUpdate | None:
        """Return what to write for ranges that change: a further question, or a hole."""
        ranges = [(one, become(one, now)) for one in self._ledger.of(symbol)]
        pairs = [(old, new) for old, new in ranges if new is not None and new != old]
        if not pairs:
            return None
        gone = tuple(old for old, new in pairs if type(old) is not type(new))
        changes = Changes(gone, tuple(new for _, new in pairs))
        return PageUpdate(self._exchange, symbol, now, changes=changes)
