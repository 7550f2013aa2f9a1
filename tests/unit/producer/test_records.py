from collections.abc import Callable
from datetime import datetime

from producer.cursor import Cursor
from producer.kraken.page import RejectedRow
from producer.records import RecordWriter
from producer.selection import Publication
from producer.trade import Trade


def test_records_stand_in_the_order_of_their_meaning(
    writer: RecordWriter, trades: Callable[..., list[Trade]], now: datetime
) -> None:
    """Trades, dead letters, and last the cursor that says they are there."""
    cursor = Cursor(exchange="KRAKEN", symbol="BTC/USD", last_trade_id=3, since="3", updated_at=now)
    row = RejectedRow("[]", "empty", None)
    publication = Publication(tuple(trades([1, 2])), (row,), cursor, ())
    records = list(writer.records(publication))
    assert [record.topic for record in records] == ["t", "t", "t.dead-letter", "t.cursors"]
    assert {record.key for record in records} == {b"BTC/USD"}
    assert [len(record.headers) for record in records] == [0, 0, 3, 0]
