"""Several pairs in one transaction."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from confluent_kafka import KafkaError, KafkaException

from producer.kraken.page import TradesPage
from producer.publisher import Publisher
from producer.trade import Trade
from tests.unit.producer.fake_kafka import FakeKafka

pytestmark = pytest.mark.usefixtures("no_backoff")

MakePage = Callable[..., TradesPage]

ABORTABLE = KafkaException(KafkaError(KafkaError.INVALID_TXN_STATE, txn_requires_abort=True))


@pytest.fixture
def publisher(kafka: FakeKafka, publisher_on: Callable[..., Publisher]) -> Publisher:
    """A publisher, opened."""
    opened = publisher_on(kafka)
    opened.open()
    return opened


def test_pages_of_several_pairs_are_one_transaction(
    kafka: FakeKafka, publisher: Publisher, page: MakePage, trades: Callable[..., list[Trade]]
) -> None:
    """What has nothing new is left out, and each pair's position is its own."""
    publisher.publish("BTC/USD", page([1, 2]))
    ether = TradesPage(tuple(trades([7, 8], "ETH/USD")), (), "8", 2)
    done = kafka.transactions
    publications = publisher.publish_together({"BTC/USD": page([1, 2]), "ETH/USD": ether})
    assert [one.cursor.symbol for one in publications] == ["ETH/USD"]
    publications = publisher.publish_together(
        {"BTC/USD": page([3]), "ETH/USD": replace(ether, trades=tuple(trades([9], "ETH/USD")))}
    )
    assert [one.cursor.last_trade_id for one in publications] == [3, 9]
    assert kafka.transactions == done + 2
    assert publisher.last_trade_id("BTC/USD") == 3
    assert publisher.last_trade_id("ETH/USD") == 9
    assert publisher.last_trade_id("DOGE/USD") == 0
    assert publisher.publish_together({"BTC/USD": page([3])}) == []
    assert kafka.transactions == done + 2


@pytest.mark.parametrize("too_late", [False, True], ids=["no effect", "answer lost"])
def test_several_pairs_whose_transaction_failed_are_written_once(
    kafka: FakeKafka,
    publisher: Publisher,
    page: MakePage,
    trades: Callable[..., list[Trade]],
    *,
    too_late: bool,
) -> None:
    """The cursors tell of all of them."""
    ether = TradesPage(tuple(trades([7, 8], "ETH/USD")), (), "8", 2)
    kafka.fail("commit_transaction", ABORTABLE, too_late=too_late)
    publisher.publish_together({"BTC/USD": page([1]), "ETH/USD": ether})
    assert len(kafka.committed("t")) == 3
    assert len(kafka.committed("t.cursors")) == 2
