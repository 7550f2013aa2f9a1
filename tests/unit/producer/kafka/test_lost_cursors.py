"""Finding the newest trades, and rebuilding cursors from them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from producer.errors import TradeUnusable
from producer.kafka.decoder import RecordDecoder
from producer.kafka.lost_cursors import newest_trades, restore_lost_cursors
from producer.kafka.publisher import Publisher
from producer.kafka.records import RecordWriter
from producer.model.cursor_scope import CursorScope
from producer.model.trade import Trade
from producer.model.trade_batch import TradeBatch
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry
from tests.unit.producer.fake_cluster import FakeMessage
from tests.unit.producer.fake_kafka import FakeKafka

BACKFILLED = list(CursorScope("0", "beginning/now").trade_headers)


@dataclass
class FakeTopic:
    """A topic's messages by partition, in order."""

    partitions: list[list[FakeMessage]]
    looks: list[int] = field(default_factory=list)
    name: str = "t"

    def most_offsets(self) -> int:
        """The length of the longest partition."""
        return max(len(messages) for messages in self.partitions)

    def read_newest(self, offsets: int) -> Iterator[FakeMessage]:
        """The end of each partition."""
        self.looks.append(offsets)
        for messages in self.partitions:
            yield from messages[-offsets:]


def message(key: str, value: str = "", partition: int = 0, **more: Any) -> FakeMessage:
    """A trade's message."""
    return FakeMessage(key_=key.encode(), value_=value.encode(), partition_=partition, **more)


def values(topic: FakeTopic, *symbols: str) -> dict[str, bytes | None]:
    """The value of each symbol's newest trade."""
    return {symbol: one.value() for symbol, one in newest_trades(topic, symbols).items()}


def test_the_newest_trade_of_each_symbol_is_found() -> None:
    """The last one of its partition."""
    topic = FakeTopic([[message("A", "1"), message("B", "1"), message("A", "2")], []])
    assert values(topic, "A", "B") == {"A": b"2", "B": b"1"}


def test_a_backfills_trades_do_not_count() -> None:
    """They say nothing about where live recording has come."""
    late = message("A", "9", headers_=BACKFILLED)
    assert values(FakeTopic([[message("A", "1"), late]]), "A") == {"A": b"1"}
    assert values(FakeTopic([[late]]), "A") == {}


def test_the_time_decides_between_partitions() -> None:
    """More partitions may have moved a symbol from one to another."""
    old = message("A", "old", partition=1, timestamp_=1)
    new = message("A", "new", partition=0, timestamp_=2)
    assert values(FakeTopic([[new], [old]]), "A") == {"A": b"new"}
    assert values(FakeTopic([[old], [new]]), "A") == {"A": b"new"}


def test_no_more_is_read_than_it_takes() -> None:
    """A lost cursor of a busy pair is found near the end; a rare one's further back."""
    others = [message("B")] * 30_000
    near = FakeTopic([[*others, message("A", "1")]])
    assert values(near, "A") == {"A": b"1"}
    assert near.looks == [10_000]
    far = FakeTopic([[message("A", "1"), *others]])
    assert values(far, "A") == {"A": b"1"}
    assert far.looks == [10_000, 80_000]


def test_a_symbol_without_trades_ends_the_search() -> None:
    """After one look at all there is."""
    topic = FakeTopic([[message("B")] * 3])
    assert values(topic, "A") == {}
    assert topic.looks == [10_000]
    empty = FakeTopic([[]])
    assert values(empty, "A") == {}
    assert empty.looks == []


def test_nobody_is_asked_about_nothing() -> None:
    """A usual start reads no trades."""
    topic = FakeTopic([[message("A")]])
    assert values(topic) == {}
    assert topic.looks == []


@pytest.fixture
def restore(
    kafka: FakeKafka,
    publisher_on: Callable[..., Publisher],
    registry: Registry,
    now: datetime,
) -> Callable[..., Publisher]:
    """Open a publisher whose trades topic holds these trades, and has lost cursors restored."""
    decode = RecordDecoder(registry, load_catalogue().trade).fields

    def make(*messages: FakeMessage) -> Publisher:
        publisher = publisher_on(kafka)
        publisher.open()
        topic = FakeTopic([list(messages)])
        restore_lost_cursors(publisher, ["BTC/USD", "ETH/USD"], topic, decode, lambda: now)
        return publisher

    return make


@pytest.fixture
def framed(writer: RecordWriter, trades: Callable[..., list[Trade]]) -> FakeMessage:
    """The message of trade 7 of BTC/USD."""
    (trade,) = trades([7])
    (value,) = writer._trades.serialize(TradeBatch.of([trade]).columns)
    return FakeMessage(key_=b"BTC/USD", value_=value)


def test_a_lost_cursor_is_rebuilt_and_logged(
    restore: Callable[..., Publisher],
    framed: FakeMessage,
    kafka: FakeKafka,
    trades: Callable[..., list[Trade]],
) -> None:
    """Kraken is asked from just before the trade; a pair never recorded starts from START_FROM."""
    with structlog.testing.capture_logs() as lines:
        publisher = restore(framed)
    (trade,) = trades([7])
    nanoseconds = round((trade.executed_at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    assert publisher.positions.since("BTC/USD").startswith(str(nanoseconds)[:9])
    assert publisher.positions.since("ETH/USD") is None
    assert [record.key for record in kafka.committed("t.cursors")] == [b"BTC/USD"]
    (line,) = lines
    assert (line["event"], line["log_level"], line["symbol"], line["last_trade_id"]) == (
        "cursor_rebuilt",
        "warning",
        "BTC/USD",
        7,
    )


def test_a_rebuilt_cursor_drops_what_is_known(
    restore: Callable[..., Publisher], framed: FakeMessage, page: Callable[..., Any]
) -> None:
    """Kraken gives the last trade again; only the next one is written."""
    (publication,) = restore(framed).publish_together({"BTC/USD": page([6, 7, 8])})
    assert [trade.trade_id for trade in publication.trades] == [8]
    assert publication.suspected == ()


def test_a_cursor_that_is_there_is_left_alone(
    restore: Callable[..., Publisher], framed: FakeMessage, page: Callable[..., Any]
) -> None:
    """Only what is lost is rebuilt."""
    restore().publish_together({"BTC/USD": page([8, 9])})
    assert restore(framed).positions.since("BTC/USD") == "9"


def test_a_cursor_that_was_taken_back_stays_so(
    restore: Callable[..., Publisher], framed: FakeMessage, kafka: FakeKafka
) -> None:
    """An operator wants the pair to start again."""
    restore(framed)
    for record in kafka.committed("t.cursors"):
        record.value = None
    with structlog.testing.capture_logs() as lines:
        publisher = restore(framed)
    assert publisher.positions.since("BTC/USD") is None
    assert lines == []


def test_a_trade_that_cannot_be_read_is_an_error(restore: Callable[..., Publisher]) -> None:
    """Starting again could skip or repeat trades."""
    with pytest.raises(TradeUnusable, match="cannot be rebuilt"):
        restore(message("BTC/USD", "rubbish"))
