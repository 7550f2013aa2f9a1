"""Read the dead letters: rows from Kraken that are no valid trade, as their topic holds them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import Message

from producer.kafka.side_topics import records_if_any
from producer.settings import Settings

__all__ = ["DeadLetter", "dead_letters", "read_dead_letters"]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A row that is no valid trade. It is kept so that its id is known although no trade has it.

    Attributes:
        exchange: The venue's name in capitals.
        symbol: The pair.
        trade_id: The row's sequence number; None if it holds none.
        reason: What is wrong with the row.
        recorded_at: When it was written to Kafka, UTC; None if Kafka does not say.
        row: The row, as the exchange sent it.
    """

    exchange: str
    symbol: str
    trade_id: int | None
    reason: str
    recorded_at: datetime | None
    row: str


def dead_letters(settings: Settings) -> list[DeadLetter]:
    """Read the topic of dead letters; empty if no producer has created it yet.

    Raises:
        TopicUnusable: The topic cannot be read.
        ProducerError, BrokerError: Kafka cannot be used.
    """
    return read_dead_letters(records_if_any(settings, settings.kafka.topics.dead_letter))


def read_dead_letters(records: Iterable[Message]) -> list[DeadLetter]:
    """Return the rows by symbol and id. Of several rows with one id, the newest counts.

    `producer.kafka.records` shows such a record. A record that another program wrote is read as
    far as possible.
    """
    newest: dict[object, DeadLetter] = {}
    for number, record in enumerate(records):
        row = _read(record)
        # Rows without an id cannot be compared, so each is counted.
        newest[(row.symbol, row.trade_id) if row.trade_id is not None else number] = row
    return sorted(newest.values(), key=lambda one: (one.symbol, one.trade_id or 0))


def _read(record: Message) -> DeadLetter:
    pairs: Any = record.headers() or ()  # Its stub allows more types than a reader gets.
    headers = {name: _text(value) for name, value in pairs}
    return DeadLetter(
        exchange=headers.get("exchange", ""),
        symbol=headers.get("symbol") or _text(record.key()),
        trade_id=_trade_id(headers),
        reason=headers.get("reason", ""),
        recorded_at=_time(record.timestamp()[1]),
        row=_text(record.value()),
    )


def _trade_id(headers: Mapping[str, str]) -> int | None:
    text = headers.get("trade_id", "")
    return int(text) if text.isascii() and text.isdigit() else None


def _time(milliseconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def _text(value: bytes | None) -> str:
    return (value or b"").decode(errors="replace")
