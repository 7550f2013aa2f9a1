from collections.abc import Callable
from datetime import datetime

import pytest

from producer.kafka.records import Records, RecordWriter
from producer.model.cursor import Cursor
from producer.model.cursor_scope import CursorScope, is_backfilled
from producer.model.page import RejectedRow
from producer.model.page_update import PageUpdate
from producer.model.trade import Trade


@pytest.fixture
def written(
    writer: RecordWriter, trades: Callable[..., list[Trade]], now: datetime
) -> Callable[..., list[Records]]:
    """The records of trades 1 and 2 and of the rejected rows given."""
    cursor = Cursor(exchange="KRAKEN", symbol="BTC/USD", last_trade_id=2, since="2", updated_at=now)
    return lambda *rejected: list(
        writer.records(
            PageUpdate(
                "KRAKEN",
                "BTC/USD",
                now,
                trades=tuple(trades([1, 2])),
                dead_letters=rejected,
                cursor=cursor,
            )
        )
    )


def test_records_stand_in_the_order_of_their_meaning(
    written: Callable[..., list[Records]],
) -> None:
    """Trades, dead letters, and last the cursor that says they are there; all of one symbol."""
    records = written(RejectedRow("[]", "empty", None))
    assert [(some.topic, len(some.values)) for some in records] == [
        ("t", 2),
        ("t.dead-letter", 1),
        ("t.cursors", 1),
    ]
    assert {some.key for some in records} == {b"BTC/USD"}
    assert [len(some.headers) for some in records] == [0, 3, 0]


def test_records_carry_the_time_of_ingestion(
    written: Callable[..., list[Records]], now: datetime
) -> None:
    """Retention counts from when a trade was recorded, not from when it was made."""
    records = written(RejectedRow("[]", "empty", None))
    assert {some.timestamp_ms for some in records} == {int(now.timestamp() * 1000)}


@pytest.mark.parametrize("trade_id", [7, None], ids=["with id", "without id"])
def test_a_dead_letter_is_the_row_as_it_came(
    written: Callable[..., list[Records]], trade_id: int | None
) -> None:
    """Its headers say why it was rejected and where it is from."""
    letter = written(RejectedRow('["-1.0", "ü"]', "price is negative", trade_id))[1]
    assert letter.values == ['["-1.0", "ü"]'.encode()]
    expected = {"reason": b"price is negative", "exchange": b"KRAKEN", "symbol": b"BTC/USD"}
    if trade_id is not None:
        expected["trade_id"] = b"7"
    assert dict(letter.headers) == expected


def test_a_backfills_trades_are_marked(
    writer: RecordWriter, trades: Callable[..., list[Trade]], now: datetime
) -> None:
    """By a header; the cursor stands under the backfill's key."""
    cursor = Cursor(exchange="KRAKEN", symbol="BTC/USD", last_trade_id=1, since="1", updated_at=now)
    publication = PageUpdate("KRAKEN", "BTC/USD", now, trades=tuple(trades([1])), cursor=cursor)
    trade, position = writer.records(publication, CursorScope("0", "beginning/now"))
    assert is_backfilled(list(trade.headers))
    assert (trade.key, position.key) == (b"BTC/USD", b"backfill/BTC/USD/beginning/now")
    (live, _) = writer.records(publication)
    assert not is_backfilled(list(live.headers))
