"""Publish pages in one Kafka transaction: trades, dead letters and cursors, all or nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Final, TypeVar

import stamina

from producer.errors import PairParked, PublishingFailed, TransactionInDoubt
from producer.kafka.positions import Positions
from producer.kafka.publish_log import log_update as log_page_update
from producer.kafka.records import Records, RecordWriter
from producer.kafka.transactions import Transactions
from producer.model.cursor import Cursor
from producer.model.gaps.gap_schedule import GapSchedule
from producer.model.gaps.missing_ids import MissingIds
from producer.model.page import TradesPage
from producer.model.page_update import PageUpdate, Recorded
from producer.model.selection import select, select_missing
from runtime.clock import utc_now

__all__ = ["Publisher"]

T = TypeVar("T")

_ATTEMPTS: Final = 5


class Publisher:
    """Writes pages to Kafka, and relies on Kafka alone for what has been written.

    Args:
        transactions: Commits records.
        writer: Makes the records.
        positions: Knows what is recorded, for one cursor scope.
        now: The time for cursors.
        log_update: Called with each update that was written.
    """

    def __init__(
        self,
        transactions: Transactions,
        writer: RecordWriter,
        positions: Positions,
        *,
        now: Callable[[], datetime] = utc_now,
        log_update: Callable[[PageUpdate], None] = log_page_update,
    ) -> None:
        self._transactions = transactions
        self._writer = writer
        self._positions = positions
        self._now = now
        self._log_update = log_update
        self._retrying = stamina.RetryingCaller(attempts=_ATTEMPTS, timeout=None).on(
            TransactionInDoubt
        )

    def open(self) -> None:
        """Take the transactional id, and read from Kafka how far it has come.

        Raises:
            TerminalError: Kafka cannot be used, or the cursors cannot be read.
        """
        self._bounded(self._open)

    def since(self, symbol: str) -> str | None:
        """Return Kraken's cursor for the next request; None for the newest page."""
        cursor = self._positions.cursor(symbol)
        return cursor.since if cursor else self._positions.scope.first_since

    def unknown(self, symbols: Iterable[str]) -> list[str]:
        """Return the symbols that have no cursor, and whose cursor was not removed either."""
        return self._positions.unknown(symbols)

    def last_trade_id(self, symbol: str) -> int:
        """Return the highest trade_id recorded of a symbol; 0 before the first."""
        cursor = self._positions.cursor(symbol)
        return cursor.last_trade_id if cursor else 0

    def recorded(self, symbol: str) -> Recorded:
        """Return what is recorded of a symbol."""
        return self._positions.recorded(symbol)

    def missing(self, symbol: str) -> Sequence[MissingIds]:
        """Return the open gaps and confirmed holes of a symbol, by id."""
        return self._positions.missing(symbol)

    @property
    def schedule(self) -> GapSchedule:
        """When missing ids are asked for."""
        return self._positions.schedule

    def look_at_others(self) -> Callable[[], Callable[[], None]]:
        """See `Positions.look_at_others`."""
        return self._positions.look_at_others()

    def restore(self, cursor: Cursor) -> None:
        """Write a cursor that Kafka does not have, in a transaction of its own.

        Raises:
            TerminalError: It could not be written.
        """
        restored = PageUpdate(cursor.exchange, cursor.symbol, cursor.updated_at, cursor=cursor)
        self._bounded(lambda: self._write([restored]))

    def keep(self, records: Iterable[Records]) -> None:
        """Write the producer's own records, such as pair states, in a transaction of their own.

        Raises:
            TerminalError: It could not be written.
        """
        kept = list(records)
        self._bounded(lambda: self._write([], kept))

    def publish(self, symbol: str, page: TradesPage) -> PageUpdate | None:
        """Write what is new in a page; None if nothing is.

        Raises:
            PairParked: The pair's ids start again.
            TerminalError: It could not be written. Nothing of it is visible, unless Kafka
                committed and its answer was lost; the next start finds out which.
        """
        publications = self.publish_together({symbol: page})
        return publications[0] if publications else None

    def publish_together(
        self, pages: Mapping[str, TradesPage], parked: dict[str, PairParked] | None = None
    ) -> Sequence[PageUpdate]:
        """Write what is new in one page each of several pairs, all in one transaction.

        A commit takes as long for one page as for many.

        Args:
            pages: A page for each symbol.
            parked: Receives, by symbol, why a pair cannot go on; the others are written.

        Returns:
            What was written, for each symbol that has anything new.

        Raises:
            PairParked: A pair cannot go on, and `parked` was not given; the others are written.
            TerminalError: As for `publish`, for all of them.
        """
        found: dict[str, PairParked] = {}

        def choose(now: datetime) -> Iterator[PageUpdate | None]:
            for symbol, page in pages.items():
                try:
                    yield select(page, self._positions.recorded(symbol), now)
                except PairParked as error:
                    found[symbol] = error

        publications = self._publish(choose)
        if parked is not None:
            parked.update(found)
        elif found:
            raise next(iter(found.values()))
        return publications

    def publish_missing(self, symbol: str, page: TradesPage) -> None:
        """Write the missing ids that a page holds; the cursor stays as it is.

        Raises:
            TerminalError: It could not be written.
        """
        self._publish(lambda now: [select_missing(page, self._positions.recorded(symbol), now)])

    def change_missing(
        self, symbol: str, become: Callable[[MissingIds, datetime], MissingIds | None]
    ) -> None:
        """Write how ranges of missing ids change after a question.

        Args:
            symbol: The pair.
            become: Returns, for a range and the time, the new range; None if it stays.

        Raises:
            TerminalError: It could not be written.
        """
        self._publish(lambda now: [self._positions.changed(symbol, become, now)])

    def _open(self) -> None:
        self._transactions.open()
        self._positions.read()

    def _publish(
        self, choose: Callable[[datetime], Iterable[PageUpdate | None]]
    ) -> Sequence[PageUpdate]:
        """Write what is chosen; choose again if the outcome of a transaction is unknown."""

        def attempt() -> Sequence[PageUpdate]:
            publications = [one for one in choose(self._now()) if one is not None]
            if publications:
                self._write(publications)
            return publications

        publications = self._bounded(attempt)
        for publication in publications:
            self._log_update(publication)
        return publications

    def _write(self, publications: Sequence[PageUpdate], kept: Iterable[Records] = ()) -> None:
        """Commit publications and other records, in one transaction."""
        try:
            self._transactions.write(chain(kept, self._records(publications)))
        except TransactionInDoubt:
            self._open()
            if not publications or not self._positions.hold(publications):
                raise
            # It had been committed, and only the answer was lost.
        self._positions.take(publications)

    def _records(self, publications: Iterable[PageUpdate]) -> Iterator[Records]:
        """Yield the records: each page is encoded while librdkafka sends the page before."""
        for publication in publications:
            yield from self._writer.records(publication, self._positions.scope)

    def _bounded(self, work: Callable[[], T]) -> T:
        """Retry the work after a transaction in doubt, a limited number of times."""
        try:
            return self._retrying(work)
        except TransactionInDoubt as error:
            raise PublishingFailed(
                f"Kafka failed a transaction {_ATTEMPTS} times in a row, last with: {error}; "
                "nothing is lost or duplicated: start again, the start finds out how it ended"
            ) from error
