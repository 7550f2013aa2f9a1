"""Pages of several pairs in one transaction."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from confluent_kafka import KafkaError, KafkaException

from producer.kafka.publisher import Publisher
from producer.model.page import TradesPage
from producer.model.trade import Trade
from tests.unit.producer.fake_kafka import FakeKafka

pytestmark = pytest.mark.usefixtures("no_backoff")

MakePage = Callable[..., TradesPage]
MakePublisher = Callable[..., Publisher]

ABORTABLE = KafkaException(KafkaError(KafkaError.INVALID_TXN_STATE, txn_requires_abort=True))


def test_pages_of_many_pairs_are_one_transaction(
    kafka: FakeKafka, publisher: Publisher, trades: Callable[..., list[Trade]], page: MakePage
) -> None:
    """A commit takes as long for one page as for many; each keeps a cursor of its own."""
    publisher.publish_together({"SOL/USD": page([1])})
    kafka.log.clear()
    eth = replace(page([5]), trades=tuple(trades([5], "ETH/USD")))
    written = publisher.publish_together(
        {"BTC/USD": page([1, 2]), "SOL/USD": page([1]), "ETH/USD": eth}
    )
    assert [(one.symbol, len(one.trades)) for one in written] == [
        ("BTC/USD", 2),
        ("ETH/USD", 1),
    ]
    assert len({record.transaction for record in kafka.log}) == 1
    assert [record.key for record in kafka.committed("t.cursors")] == [b"BTC/USD", b"ETH/USD"]
    assert (publisher.positions.since("BTC/USD"), publisher.positions.since("ETH/USD")) == (
        "2",
        "5",
    )


@pytest.mark.parametrize("too_late", [False, True], ids=["no effect", "answer lost"])
def test_many_pages_are_written_once(
    kafka: FakeKafka, publisher: Publisher, page: MakePage, *, too_late: bool
) -> None:
    """Whether their transaction failed or only its answer was lost."""
    kafka.fail("commit_transaction", ABORTABLE, too_late=too_late)
    publisher.publish_together({"BTC/USD": page([1, 2]), "ETH/USD": page([3, 4, 5])})
    assert len(kafka.committed("t")) == 5
    assert len(kafka.committed("t.cursors")) == 2


def test_nothing_new_in_many_pages_begins_no_transaction(
    kafka: FakeKafka, publisher: Publisher
) -> None:
    """Nor do no pages at all."""
    assert publisher.publish_together({}) == []
    assert "begin_transaction" not in kafka.calls


def test_positions_of_pairs_are_their_own(
    kafka: FakeKafka, publisher: Publisher, page: MakePage, trades: Callable[..., list[Trade]]
) -> None:
    """What has nothing new is left out, and each pair's position is its own."""
    publisher.publish_together({"BTC/USD": page([1, 2])})
    ether = TradesPage(tuple(trades([7, 8], "ETH/USD")), (), "8", 2)
    done = kafka.transactions
    publications = publisher.publish_together({"BTC/USD": page([1, 2]), "ETH/USD": ether})
    assert [one.symbol for one in publications] == ["ETH/USD"]
    publications = publisher.publish_together(
        {"BTC/USD": page([3]), "ETH/USD": replace(ether, trades=tuple(trades([9], "ETH/USD")))}
    )
    assert [one.cursor.last_trade_id for one in publications] == [3, 9]
    assert kafka.transactions == done + 2
    assert publisher.positions.last_trade_id("BTC/USD") == 3
    assert publisher.positions.last_trade_id("ETH/USD") == 9
    assert publisher.positions.last_trade_id("DOGE/USD") == 0
    assert publisher.publish_together({"BTC/USD": page([3])}) == []
    assert kafka.transactions == done + 2
