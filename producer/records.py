"""From a publication to the Kafka records of its transaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from producer.kraken.page import RejectedRow
from producer.selection import Publication
from producer.serializer import RecordSerializer

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
    headers: tuple[tuple[str, bytes], ...] = ()


class RecordWriter:
    """Writes publications as records, all of one symbol under one key and so in order.

    Records carry the time of ingestion as their Kafka timestamp, not that of the trade: the
    topic's retention then counts from when a trade was recorded, and old trades that are fetched
    late are not deleted at once.

    Args:
        trades: Serializes trades, for their topic.
        cursors: Serializes cursors, for theirs.
        dead_letter_topic: Where rejected rows go, as the JSON that the exchange sent.
    """

    def __init__(
        self, trades: RecordSerializer, cursors: RecordSerializer, dead_letter_topic: str
    ) -> None:
        self._trades = trades
        self._cursors = cursors
        self._dead_letter_topic = dead_letter_topic

    def records(self, publication: Publication) -> Iterator[Record]:
        """The trades, then the dead letters, then the cursor.

        Raises:
            EncodingFailed: A record does not fit its schema.
        """
        cursor = publication.cursor
        key, now = cursor.symbol.encode(), _milliseconds(cursor.updated_at)
        for trade in publication.trades:
            recorded = _milliseconds(trade.ingested_at)
            yield Record(self._trades.topic, key, self._trades.serialize(trade), recorded)
        for row in publication.dead_letters:
            headers = _headers(row, cursor.exchange, cursor.symbol)
            yield Record(self._dead_letter_topic, key, row.raw.encode(), now, headers)
        yield Record(self._cursors.topic, key, self._cursors.serialize(cursor), now)


def _headers(row: RejectedRow, exchange: str, symbol: str) -> tuple[tuple[str, bytes], ...]:
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
