"""One page of trades, one Kafka transaction: trades, dead letters and cursor, all or nothing."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeVar

import stamina
import structlog

from producer.cursor import Cursor
from producer.errors import CursorUnusable, PublishingFailed, TransactionInDoubt
from producer.kraken.page import TradesPage
from producer.records import RecordWriter
from producer.selection import Publication, select
from producer.transactions import Transactions

__all__ = ["Publisher"]

T = TypeVar("T")

log = structlog.get_logger()

_ATTEMPTS: Final = 5


def utc_now() -> datetime:
    """The time now."""
    return datetime.now(UTC)


class Publisher:
    """Writes pages to Kafka, and knows from Kafka alone what has been written.

    Args:
        transactions: Commits records.
        writer: Makes the records.
        read_cursors: Reads the cursors that Kafka holds.
        exchange: The venue recorded.
        first_since: What a pair that has never been recorded is asked with.
        now: The time that cursors get.
    """

    def __init__(  # noqa: PLR0913  the wiring of what publishing needs
        self,
        transactions: Transactions,
        writer: RecordWriter,
        read_cursors: Callable[[], dict[str, Cursor]],
        *,
        exchange: str,
        first_since: str | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._transactions = transactions
        self._writer = writer
        self._read_cursors = read_cursors
        self._exchange = exchange
        self._first_since = first_since
        self._now = now
        self._cursors: dict[str, Cursor] = {}
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
        cursor = self._cursors.get(symbol)
        return cursor.since if cursor else self._first_since

    def missing(self, symbol: str, page: TradesPage) -> int:
        """How many trade ids are suspected to be missing before and within a page."""
        publication = self._select(symbol, page)
        return sum(gap.missing for gap in publication.gaps) if publication else 0

    def publish(self, symbol: str, page: TradesPage) -> Publication | None:
        """Writes what is new in a page, in one transaction; None if nothing is.

        Raises:
            TerminalError: It could not be written. It is in Kafka as a whole or not at all, and
                the next start finds out which.
        """
        publication = self._bounded(lambda: self._publish(symbol, page))
        if publication is not None:
            _tell(publication)
        return publication

    def _open(self) -> None:
        self._transactions.open()
        self._cursors = self._read_cursors()
        for cursor in self._cursors.values():
            if cursor.exchange != self._exchange:
                raise CursorUnusable(
                    f"the topic holds a cursor of {cursor.symbol} at {cursor.exchange}, this "
                    f"producer records {self._exchange}: give each EXCHANGE its own KAFKA_TOPIC"
                )

    def _publish(self, symbol: str, page: TradesPage) -> Publication | None:
        publication = self._select(symbol, page)
        if publication is None:
            return None
        try:
            self._transactions.write(list(self._writer.records(publication)))
        except TransactionInDoubt:
            self._open()
            if self._cursors.get(symbol) != publication.cursor:
                raise
            # It had been committed, and only the answer got lost.
        self._cursors[symbol] = publication.cursor
        return publication

    def _select(self, symbol: str, page: TradesPage) -> Publication | None:
        return select(
            page,
            self._cursors.get(symbol),
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


def _tell(publication: Publication) -> None:
    """One line about what was written, louder if something in it wants a look."""
    trades, cursor = publication.trades, publication.cursor
    fields: dict[str, object] = {"symbol": cursor.symbol, "trades": len(trades)}
    if trades:
        fields["last_trade_id"] = cursor.last_trade_id
        fields["behind_seconds"] = round(
            (cursor.updated_at - trades[-1].executed_at).total_seconds(), 1
        )
    if publication.dead_letters:
        fields["dead_letters"] = len(publication.dead_letters)
    if publication.gaps:
        fields["suspected_gaps"] = [str(gap) for gap in publication.gaps]
    if publication.dead_letters or publication.gaps:
        log.warning("recorded", **fields)
    elif trades:
        log.info("recorded", **fields)
    else:
        log.debug("cursor_moved", **fields)
