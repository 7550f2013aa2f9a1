"""Pages of trades in one Kafka transaction: trades, dead letters, cursors, all or nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, TypeVar

import stamina

from producer.cursor import Cursor
from producer.errors import CursorUnusable, PublishingFailed, TransactionInDoubt
from producer.kraken.page import TradesPage
from producer.lane import LIVE, Lane
from producer.records import Records, RecordWriter
from producer.selection import Gap, Publication, select, with_holes
from producer.telling import tell
from producer.transactions import Transactions

__all__ = ["Publisher"]

T = TypeVar("T")

_ATTEMPTS: Final = 5
_NOTHING: Final[Mapping[str, Sequence[Gap]]] = MappingProxyType({})


def utc_now() -> datetime:
    """The time now."""
    return datetime.now(UTC)


class Publisher:
    """Writes pages to Kafka, and knows from Kafka alone what has been written.

    Args:
        transactions: Commits records.
        writer: Makes the records.
        read_cursors: Reads the cursors that Kafka holds, by key; None for one taken back.
        exchange: The venue recorded.
        lane: Live polling, or a backfill beside it.
        now: The time that cursors get.
        tell: Told of each page that was written.
    """

    def __init__(  # noqa: PLR0913  the wiring of what publishing needs
        self,
        transactions: Transactions,
        writer: RecordWriter,
        read_cursors: Callable[[], Mapping[str, Cursor | None]],
        *,
        exchange: str,
        lane: Lane = LIVE,
        now: Callable[[], datetime] = utc_now,
        tell: Callable[[Publication], None] = tell,
    ) -> None:
        self._transactions = transactions
        self._writer = writer
        self._read_cursors = read_cursors
        self._exchange = exchange
        self._lane = lane
        self._now = now
        self._tell = tell
        self._cursors: dict[str, Cursor | None] = {}
        self._retrying = stamina.RetryingCaller(attempts=_ATTEMPTS, timeout=None).on(
            TransactionInDoubt
        )

    def open(self) -> None:
        """Takes the transactional id and learns from Kafka how far it has come.

        Raises:
            TerminalError: Kafka cannot be used, or the cursors cannot.
        """
        self._bounded(self._open)

    def since(self, symbol: str) -> str | None:
        """Kraken's cursor to ask with; None for the newest page."""
        cursor = self._cursor(symbol)
        return cursor.since if cursor else self._lane.first_since

    def unknown(self, symbols: Iterable[str]) -> list[str]:
        """Those of the symbols that have no cursor, although nobody took one back."""
        return [symbol for symbol in symbols if self._lane.key(symbol) not in self._cursors]

    def last_trade_id(self, symbol: str) -> int:
        """The highest trade_id recorded of a symbol; 0 before the first."""
        cursor = self._cursor(symbol)
        return cursor.last_trade_id if cursor else 0

    def restore(self, cursor: Cursor) -> None:
        """Writes a cursor that Kafka had lost, in a transaction of its own.

        Raises:
            TerminalError: It could not be written.
        """
        self._bounded(lambda: self._write([self._writer.position(cursor, self._lane)], [cursor]))

    def keep(self, records: Iterable[Records]) -> None:
        """Writes what the producer keeps about itself, in a transaction of its own.

        Raises:
            TerminalError: It could not be written.
        """
        kept = list(records)
        self._bounded(lambda: self._write(kept, []))

    def gaps(self, symbol: str, page: TradesPage) -> tuple[Gap, ...]:
        """The trade ids that are suspected to be missing before and within a page."""
        publication = self._select(symbol, page)
        return publication.gaps if publication else ()

    def publish(
        self, symbol: str, page: TradesPage, confirmed: Sequence[Gap] = ()
    ) -> Publication | None:
        """Writes what is new in a page, in one transaction; None if nothing is.

        Args:
            symbol: The pair.
            page: The page.
            confirmed: Those of its gaps that Kraken confirmed: they are recorded as holes.

        Raises:
            TerminalError: It could not be written. It is in Kafka as a whole or not at all, and
                the next start finds out which.
        """
        publications = self.publish_together({symbol: page}, {symbol: confirmed})
        return publications[0] if publications else None

    def publish_together(
        self, pages: Mapping[str, TradesPage], confirmed: Mapping[str, Sequence[Gap]] = _NOTHING
    ) -> Sequence[Publication]:
        """Writes what is new in a page of each of several pairs, all in one transaction.

        A commit takes as long for one page as for many.

        Args:
            pages: A page for each symbol.
            confirmed: Those of their gaps that Kraken confirmed, by symbol.

        Returns:
            What was written, of the symbols that something is new of.

        Raises:
            TerminalError: As `publish`, for all of them.
        """
        publications = self._bounded(lambda: self._publish(pages, confirmed))
        for publication in publications:
            self._tell(publication)
        return publications

    def _open(self) -> None:
        self._transactions.open()
        self._cursors = dict(self._read_cursors())
        # The backfills' too: their trades stand in the same topic.
        for cursor in self._cursors.values():
            if cursor is not None and cursor.exchange != self._exchange:
                raise CursorUnusable(
                    f"the topic holds a cursor of {cursor.symbol} at {cursor.exchange}, this "
                    f"producer records {self._exchange}: give each EXCHANGE its own KAFKA_TOPIC"
                )

    def _publish(
        self, pages: Mapping[str, TradesPage], confirmed: Mapping[str, Sequence[Gap]]
    ) -> Sequence[Publication]:
        publications = [
            with_holes(publication, confirmed.get(symbol, ()))
            for symbol, page in pages.items()
            if (publication := self._select(symbol, page)) is not None
        ]
        if publications:
            cursors = [publication.cursor for publication in publications]
            self._write(self._records(publications), cursors)
        return publications

    def _records(self, publications: Iterable[Publication]) -> Iterator[Records]:
        """Their records: each page is encoded while librdkafka sends the one before."""
        for publication in publications:
            yield from self._writer.records(publication, self._lane)

    def _write(self, records: Iterable[Records], cursors: Sequence[Cursor]) -> None:
        """Commits records, the cursors among them."""
        try:
            self._transactions.write(records)
        except TransactionInDoubt:
            self._open()
            if not cursors or any(self._cursor(cursor.symbol) != cursor for cursor in cursors):
                raise
            # It had been committed, and only the answer got lost.
        self._cursors.update((self._lane.key(cursor.symbol), cursor) for cursor in cursors)

    def _cursor(self, symbol: str) -> Cursor | None:
        return self._cursors.get(self._lane.key(symbol))

    def _select(self, symbol: str, page: TradesPage) -> Publication | None:
        return select(
            page,
            self._cursor(symbol),
            exchange=self._exchange,
            symbol=symbol,
            now=self._now(),
        )

    def _bounded(self, work: Callable[[], T]) -> T:
        """Works again after a transaction in doubt, but not for ever."""
        try:
            return self._retrying(work)
        except TransactionInDoubt as exc:
            raise PublishingFailed(
                f"Kafka failed a transaction {_ATTEMPTS} times in a row, at last with: {exc}; "
                "the next start finds out how the last one ended, nothing is lost or doubled"
            ) from exc
