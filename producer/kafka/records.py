"""Turn an update into the Kafka records of its transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from producer.kafka.serializer import RecordSerializer
from producer.model.cursor import Cursor
from producer.model.cursor_scope import LATE, LIVE, CursorScope, Headers
from producer.model.gaps.gap_ledger import Changes
from producer.model.gaps.hole import Hole
from producer.model.gaps.missing_ids import MissingIds
from producer.model.page import RejectedRow
from producer.model.page_update import PageUpdate
from producer.model.trade import Trade
from producer.model.trade_batch import TradeBatch
from producer.model.units import micros_of
from runtime.topics import TopicNames

__all__ = ["RecordWriter", "Records"]

_MICROS_PER_MILLISECOND = 1000


@dataclass(frozen=True, slots=True)
class Records:
    """Kafka records to write that have everything but their values in common.

    Attributes:
        topic: The topic to write to.
        key: Decides the partition, hence the order.
        values: The bytes of each, in order; None for a tombstone.
        timestamp_ms: Their CreateTime, milliseconds since 1970.
        headers: Their headers, in order.
    """

    topic: str
    key: bytes
    values: Sequence[bytes | None]
    timestamp_ms: int
    headers: Headers = ()


class RecordWriter:
    """Turns updates into records; those of one symbol have one key and so keep their order.

    A record's Kafka timestamp is the time of ingestion, not that of the trade: the topic's
    retention then counts from when a trade was recorded, and old trades that are fetched late are
    not deleted at once.

    Args:
        trades: Serializes trades for their topic.
        cursors: Serializes cursors for their topic.
        topics: The topics for rejected rows, as the JSON that the exchange sent, and missing ids.
    """

    def __init__(
        self, trades: RecordSerializer, cursors: RecordSerializer, topics: TopicNames
    ) -> None:
        self._trades = trades
        self._cursors = cursors
        self._topics = topics

    def records(self, publication: PageUpdate, scope: CursorScope = LIVE) -> Iterator[Records]:
        """Yield the trades, then dead letters, changes of missing ids, and the cursor last.

        Raises:
            EncodingFailed: A record does not fit its schema.
        """
        key, now = publication.symbol.encode(), _milliseconds(micros_of(publication.at))
        yield from self._of_trades(key, publication.late, LATE)
        yield from self._of_trades(key, publication.trades, scope.trade_headers)
        for row in publication.dead_letters:
            headers = _headers(row, publication.exchange, publication.symbol)
            yield Records(self._topics.dead_letter, key, [row.raw.encode()], now, headers)
        yield from self._of_changes(publication.changes, now)
        if publication.cursor is not None:
            yield self.position(publication.cursor, scope)

    def _of_trades(
        self, key: bytes, trades: Sequence[Trade], headers: Headers
    ) -> Iterator[Records]:
        for recorded, run in _by_ingestion(TradeBatch.of(trades)):
            values = self._trades.serialize(run.columns)
            yield Records(
                self._trades.topic,
                key,
                values,
                _milliseconds(recorded),
                (*headers, *self._trades.headers),
            )

    def _of_changes(self, changes: Changes, now: int) -> Iterator[Records]:
        """Yield one record per range: first the tombstones, then the new ranges."""
        for one in changes.gone:
            yield Records(self._topic_of(one), one.key.encode(), [None], now)
        for one in changes.put:
            value = one.model_dump_json().encode()
            yield Records(self._topic_of(one), one.key.encode(), [value], now)

    def _topic_of(self, missing: MissingIds) -> str:
        return self._topics.holes if isinstance(missing, Hole) else self._topics.gaps

    def position(self, cursor: Cursor, scope: CursorScope = LIVE) -> Records:
        """Return the record of the cursor alone.

        Raises:
            EncodingFailed: It does not fit its schema.
        """
        return Records(
            self._cursors.topic,
            scope.key(cursor.symbol).encode(),
            self._cursors.serialize(cursor.columns),
            _milliseconds(micros_of(cursor.updated_at)),
        )


def _by_ingestion(trades: TradeBatch) -> Iterator[tuple[int, TradeBatch]]:
    """Yield runs of trades with the time of their ingestion, microseconds since 1970.

    The trades of one page arrived at one time, those that close its gaps at another.
    """
    moments = trades.ingested_micros
    for moment, places in groupby(range(len(trades)), moments.__getitem__):
        run = list(places)
        yield moment, trades if len(run) == len(trades) else trades[run[0] : run[-1] + 1]


def _headers(row: RejectedRow, exchange: str, symbol: str) -> Headers:
    headers = (
        ("reason", row.reason.encode()),
        ("exchange", exchange.encode()),
        ("symbol", symbol.encode()),
    )
    if row.trade_id is None:
        return headers
    return (*headers, ("trade_id", str(row.trade_id).encode()))


def _milliseconds(micros: int) -> int:
    return micros // _MICROS_PER_MILLISECOND
