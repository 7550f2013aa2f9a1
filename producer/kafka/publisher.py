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
from producer.model.gaps.missing_ids import MissingIds
from producer.model.page import TradesPage
from producer.model.page_update import PageUpdate
from producer.model.selection import select, select_missing
from runtime.clock import utc_now

__all__ = ["Publisher"]

T = TypeVar("T")

_ATTEMPTS: Final = 5


def _no_claims(_keys: Sequence[str]) -> Iterable[Records]:
    return ()


class Publisher:
    """Writes pages to Kafka, and relies on Kafka alone for what has been written.

    Args:
        transactions: Commits records.
        writer: Makes the records.
        positions: Knows what is recorded, for one cursor scope.
        now: The time for cursors.
        log_update: Called with each update that was written.
        claims: Makes the claims of further pairs, by the keys of their cursors.
    """

    def __init__(  # noqa: PLR0913  it connects what writes Kafka
        self,
        transactions: Transactions,
        writer: RecordWriter,
        positions: Positions,
        *,
        now: Callable[[], datetime] = utc_now,
        log_update: Callable[[PageUpdate], None] = log_page_update,
        claims: Callable[[Sequence[str]], Iterable[Records]] = _no_claims,
    ) -> None:
        self._claims = claims
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
            TerminalError, KafkaUnreachable: Kafka cannot be used, or the cursors cannot be read.
        """
        self._bounded(self._open)

    @property
    def positions(self) -> Positions:
        """What is recorded, to read. It changes only by what this publisher has committed."""
        return self._positions

    def restore(self, cursor: Cursor) -> None:
        """Write a cursor that Kafka does not have, in a transaction of its own.

        Raises:
            TerminalError, KafkaUnreachable: It could not be written.
        """
        restored = PageUpdate(cursor.exchange, cursor.symbol, cursor.updated_at, cursor=cursor)
        self._bounded(lambda: self._write([restored]))

    def keep(self, records: Iterable[Records]) -> None:
        """Write the producer's own records, such as pair states, in a transaction of their own.

        Raises:
            TerminalError, KafkaUnreachable: It could not be written.
        """
        kept = list(records)
        self._bounded(lambda: self._write([], kept))

    def begin(self, symbols: Sequence[str], since: str | None, kept: Iterable[Records]) -> None:
        """Claim more pairs, in one transaction with `kept`.

        Args:
            symbols: The pairs.
            since: Where those without a cursor begin; None: where START_FROM says.
            kept: Further records.

        Raises:
            TerminalError: It could not be written.
        """
        more = list(kept)

        def attempt() -> None:
            self._positions.read()  # another producer may have recorded them since the start
            at = self._now()
            begun = [] if since is None else self._positions.begun(symbols, since, at)
            claims = self._claims([self._positions.scope.key(one) for one in symbols])
            self._write(begun, [*claims, *more])

        self._bounded(attempt)

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
            TerminalError, KafkaUnreachable: They could not be written. Nothing of them is visible,
                unless Kafka committed and its answer was lost; the next start finds out which.
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
            TerminalError, KafkaUnreachable: It could not be written.
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
            TerminalError, KafkaUnreachable: It could not be written.
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
