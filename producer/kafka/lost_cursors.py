"""Rebuild live recording's lost cursors from the newest trades in Kafka."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, Final

import structlog
from confluent_kafka import Message

from producer.errors import TradeUnusable
from producer.kafka.decoder import UNDECODABLE
from producer.kafka.publisher import Publisher
from producer.kafka.topic_reader import TopicReader
from producer.model.cursor import Cursor
from producer.model.cursor_scope import is_backfilled
from producer.model.starting_point import just_before

__all__ = ["Decode", "newest_trades", "restore_lost_cursors"]

log = structlog.get_logger()

Decode = Callable[[bytes, Any], Any]
"""Decodes a record's fields from its value and its headers."""

_FIRST_LOOK: Final = 10_000
_LOOKS_WIDEN_BY: Final = 8


def restore_lost_cursors(
    publisher: Publisher,
    symbols: Collection[str],
    trades: TopicReader,
    decode: Decode,
    now: Callable[[], datetime],
) -> None:
    """Rebuild the cursor of each symbol that has none although its trades are in Kafka.

    Without this, a lost topic of cursors would make every pair start again without notice, and
    skip or repeat trades. A symbol that was never recorded is left alone, and so is one whose
    cursor an operator has removed: they start where START_FROM says.

    Args:
        publisher: Knows the cursors, and writes the rebuilt ones. It has been opened.
        symbols: The symbols to check.
        trades: The topic of the trades.
        decode: Decodes a trade's fields.
        now: The time for rebuilt cursors.

    Raises:
        TradeUnusable: The newest trade cannot be decoded.
        ProducerError, BrokerError: Kafka cannot be read or written.
    """
    for symbol, message in newest_trades(trades, publisher.positions.unknown(symbols)).items():
        cursor = _cursor_after(message, decode, now())
        publisher.restore(cursor)
        log.warning(
            "cursor_rebuilt",
            symbol=symbol,
            last_trade_id=cursor.last_trade_id,
            since=cursor.since,
            because=f"the topic of cursors had none, and {trades.name} holds trades",
        )


def newest_trades(trades: TopicReader, symbols: Collection[str]) -> dict[str, Message]:
    """Find the newest trade of live polling of each symbol, if there is one.

    It reads more and more of the topic from its end. A symbol without trades costs one reading of
    the whole topic, once: from its first page on it has a cursor.

    Raises:
        KafkaUnreachable, TopicUnusable: The topic cannot be read.
    """
    wanted = {symbol.encode(): symbol for symbol in symbols}
    found: dict[str, Message] = {}
    everything = trades.most_offsets() if wanted else 0
    look = 0
    while len(found) < len(wanted) and look < everything:
        look = look * _LOOKS_WIDEN_BY or _FIRST_LOOK
        for message in trades.read_newest(look):
            symbol = wanted.get(message.key() or b"")
            if symbol is not None and not is_backfilled(_headers(message)):
                found[symbol] = _newer(message, found.get(symbol))
    return found


def _newer(message: Message, other: Message | None) -> Message:
    """Return the newer message. If partitions were added, a symbol has two: the time decides."""
    if other is None or message.partition() == other.partition():
        return message
    return max(other, message, key=lambda one: one.timestamp()[1])


def _headers(message: Message) -> Any:  # noqa: ANN401  a list or a dict by its type, a list in fact
    return message.headers()


def _cursor_after(message: Message, decode: Decode, now: datetime) -> Cursor:
    """Return the cursor that a page ending with this trade would have left.

    Only `since` differs: it is just before the trade, so that Kraken gives it again together with
    all trades of its microsecond, and the ids show which are new.
    """
    try:
        fields = decode(message.value() or b"", _headers(message))
        return Cursor(
            exchange=fields["exchange"],
            symbol=fields["symbol"],
            last_trade_id=fields["trade_id"],
            since=just_before(fields["executed_at"]),
            updated_at=now,
        )
    except UNDECODABLE as error:
        raise TradeUnusable(
            f"the newest trade in {message.topic()} (partition {message.partition()}, offset "
            f"{message.offset()}) cannot be decoded ({error}), so its symbol's lost "
            "cursor cannot be rebuilt; check that the registry is the one it was written with"
        ) from error
