"""From a publication to the Kafka records of its transaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from producer.cursor import Cursor
from producer.kraken.page import RejectedRow
from producer.lane import LIVE, Headers, Lane
from producer.selection import Publication
from producer.serializer import RecordSerializer
from schemas.topics import TopicNames

__all__ = ["Record", "RecordWriter"]


@dataclass(frozen=True, slots=True)
class Record:
    """One Kafka record to be written.

    Attributes:
        topic: Where to.
        key: Decides the partition, hence the order.
        value: The bytes.
        timestamp_ms: Its CreateTime, milliseconds since 1970.
        headers: In order.
    """

    topic: str
    key: bytes
    value: bytes
    timestamp_ms: int
    headers: Headers = ()


class RecordWriter:
    """Writes publications as records, all of one symbol under one key and so in order.

    Records carry the time of ingestion as their Kafka timestamp, not that of the trade: the
    topic's retention then counts from when a trade was recorded, and old trades that are fetched
    late are not deleted at once.

    Args:
        trades: Serializes trades, for their topic.
        cursors: Serializes cursors, for theirs.
        topics: Names where rejected rows go, as the JSON that the exchange sent, and holes.
    """

    def __init__(
        self, trades: RecordSerializer, cursors: RecordSerializer, topics: TopicNames
    ) -> None:
        self._trades = trades
        self._cursors = cursors
        self._topics = topics

    def records(self, publication: Publication, lane: Lane = LIVE) -> Iterator[Record]:
        """The trades, then the dead letters, the holes, and last the cursor.

        Raises:
            EncodingFailed: A record does not fit its schema.
        """
        cursor = publication.cursor
        key, now = cursor.symbol.encode(), _milliseconds(cursor.updated_at)
        marks = lane.trade_headers
        for trade in publication.trades:
            recorded = _milliseconds(trade.ingested_at)
            yield Record(self._trades.topic, key, self._trades.serialize(trade), recorded, marks)
        for row in publication.dead_letters:
            headers = _headers(row, cursor.exchange, cursor.symbol)
            yield Record(self._topics.dead_letter, key, row.raw.encode(), now, headers)
        for hole in publication.holes:
            yield Record(
                self._topics.holes, hole.key.encode(), hole.model_dump_json().encode(), now
            )
        yield self.position(cursor, lane)

    def position(self, cursor: Cursor, lane: Lane = LIVE) -> Record:
        """The cursor alone.

        Raises:
            EncodingFailed: It does not fit its schema.
        """
        return Record(
            self._cursors.topic,
            lane.key(cursor.symbol).encode(),
            self._cursors.serialize(cursor),
            _milliseconds(cursor.updated_at),
        )


def _headers(row: RejectedRow, exchange: str, symbol: str) -> Headers:
    headers = (
        ("reason", row.reason.encode()),
        ("exchange", exchange.encode()),
        ("symbol", symbol.encode()),
    )
    if row.trade_id is None:
        return headers
    return (*headers, ("trade_id", str(row.trade_id).encode()))


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
