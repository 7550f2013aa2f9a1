from datetime import UTC, datetime

from producer.kafka.cursor_store import newest_cursors, read_cursors
from producer.model.cursor import Cursor
from tests.unit.producer.fake_cluster import FakeCluster, FakeMessage, eof


def decode(value: bytes) -> Cursor:
    """Read `symbol:last_trade_id`."""
    symbol, last = value.decode().split(":")
    return Cursor(
        exchange="KRAKEN",
        symbol=symbol,
        last_trade_id=int(last),
        since=last,
        updated_at=datetime.now(UTC),
    )


def last_ids(*records: tuple[bytes | None, bytes | None]) -> dict[str, int | None]:
    """The last trade_id by key."""
    found = newest_cursors(records, decode)
    return {key: cursor and cursor.last_trade_id for key, cursor in found.items()}


def test_the_newest_cursor_of_each_symbol_counts() -> None:
    """Kafka may not have compacted yet."""
    assert last_ids((b"A", b"A:1"), (b"B", b"B:7"), (b"A", b"A:2")) == {"A": 2, "B": 7}


def test_a_tombstone_takes_a_cursor_back() -> None:
    """An operator makes a pair start again in this way; it is not a lost cursor."""
    assert last_ids((b"A", b"A:1"), (b"A", None), (b"B", b"B:7")) == {"A": None, "B": 7}
    assert last_ids((b"A", b"A:1"), (b"A", None), (b"A", b"A:3")) == {"A": 3}


def test_an_empty_topic_has_no_cursors() -> None:
    """That is what the first start finds."""
    assert last_ids() == {}


def test_only_the_newest_is_decoded() -> None:
    """An old cursor that cannot be read any more does no harm."""
    assert last_ids((b"A", b"rubbish"), (b"A", b"A:2")) == {"A": 2}


def test_keys_are_kept_apart() -> None:
    """A backfill's cursor of a symbol is not live polling's."""
    key = b"backfill/A/beginning/now"
    assert last_ids((b"A", b"A:9"), (key, b"A:2")) == {"A": 9, "backfill/A/beginning/now": 2}


def test_the_topic_is_read_to_its_end() -> None:
    """The newest committed one of each key counts."""
    messages = [FakeMessage(0, b"A", b"A:1"), FakeMessage(2, b"A", b"A:2"), eof(4)]
    found = read_cursors(FakeCluster({0: 4}, messages).topic(), decode)
    assert {key: cursor and cursor.last_trade_id for key, cursor in found.items()} == {"A": 2}
