"""What a publisher writes besides its page, and how two publishers stay separate."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from confluent_kafka import KafkaError, KafkaException

from producer.errors import CursorUnusable
from producer.kafka.publisher import Publisher
from producer.model.cursor import Cursor
from producer.model.gaps.open_gap import newest_gaps
from producer.model.page import TradesPage
from producer.model.time_range import TimeRange
from tests.unit.producer.fake_kafka import FakeKafka

pytestmark = pytest.mark.usefixtures("no_backoff")

MakePage = Callable[..., TradesPage]
MakePublisher = Callable[..., Publisher]

ABORTABLE = KafkaException(KafkaError(KafkaError.INVALID_TXN_STATE, txn_requires_abort=True))


def test_a_backfill_has_a_position_of_its_own(
    kafka: FakeKafka, publisher: Publisher, publisher_on: MakePublisher, page: MakePage
) -> None:
    """Neither takes the other's cursor, nor its transactional id."""
    scope = TimeRange.read("beginning", None, datetime.now(UTC)).scope
    backfill = publisher_on(kafka, scope=scope)
    backfill.open()
    publisher.publish_together({"BTC/USD": page([8, 9])})
    assert backfill.positions.since("BTC/USD") == "0"
    backfill.publish_together({"BTC/USD": page([1, 2])})
    publisher.publish_together({"BTC/USD": page([10])})
    assert [record.key for record in kafka.committed("t.cursors")] == [
        b"BTC/USD",
        b"backfill/BTC/USD/beginning/now",
        b"BTC/USD",
    ]
    live, again = publisher_on(kafka), publisher_on(kafka, scope=scope)
    live.open()
    again.open()
    assert (live.positions.since("BTC/USD"), again.positions.since("BTC/USD")) == ("10", "2")


def test_a_backfill_of_another_exchange_is_refused_too(
    kafka: FakeKafka, publisher_on: MakePublisher, page: MakePage
) -> None:
    """Its trades are in the same topic."""
    scope = TimeRange.read("beginning", None, datetime.now(UTC)).scope
    backfill = publisher_on(kafka, scope=scope)
    backfill.open()
    backfill.publish_together({"BTC/USD": page([1])})
    with pytest.raises(CursorUnusable, match=r"KRAKEN.*OTHER"):
        publisher_on(kafka, exchange="OTHER").open()


@pytest.mark.parametrize("too_late", [False, True], ids=["no effect", "answer lost"])
def test_a_restored_cursor_is_written_once(
    kafka: FakeKafka, publisher: Publisher, now: datetime, *, too_late: bool
) -> None:
    """Whether its transaction failed or only the answer was lost."""
    cursor = Cursor(exchange="KRAKEN", symbol="BTC/USD", last_trade_id=7, since="6", updated_at=now)
    assert publisher.positions.unknown(["BTC/USD"]) == ["BTC/USD"]
    kafka.fail("commit_transaction", ABORTABLE, too_late=too_late)
    publisher.restore(cursor)
    assert publisher.positions.since("BTC/USD") == "6"
    assert publisher.positions.unknown(["BTC/USD"]) == []
    assert len(kafka.committed("t.cursors")) == 1


@pytest.mark.parametrize("too_late", [False, True], ids=["no effect", "answer lost"])
def test_a_gap_and_what_fills_it_change_together(
    kafka: FakeKafka, publisher: Publisher, page: MakePage, *, too_late: bool
) -> None:
    """In one transaction, once, whether it failed or only the answer was lost."""
    publisher.publish_together({"BTC/USD": page([1, 5])})
    kafka.fail("commit_transaction", ABORTABLE, too_late=too_late)
    publisher.publish_missing("BTC/USD", page([1, 3, 5, 6]))
    gaps = newest_gaps(kafka.keys_and_values("t.gaps"))
    assert [gap.key for gap in gaps] == ["BTC/USD/2-2", "BTC/USD/4-4"]
    assert list(publisher.positions.missing("BTC/USD")) == gaps
    assert [bool(record.headers) for record in kafka.committed("t")] == [False, False, True]
    publisher.publish_missing("BTC/USD", page([1, 3, 5, 6]))
    assert len(kafka.committed("t")) == 3


def test_a_cursor_never_goes_back(publisher: Publisher, page: MakePage) -> None:
    """A page that was asked for before live trades came says less than they do."""
    publisher.publish_together({"BTC/USD": page([1, 2], last="20")})
    publisher.publish_together({"BTC/USD": page([3], last="10")})
    assert publisher.positions.since("BTC/USD") == "20"
