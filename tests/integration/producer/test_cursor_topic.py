from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

from infra.embedded import EmbeddedStack
from producer.bootstrap import open_kraken, open_publisher
from producer.errors import CursorUnusable
from producer.kraken.page import TradesPage
from producer.settings import Settings
from producer.stopping import StopRequest
from tests.integration.producer.conftest import Reader, StartProducer


@pytest.fixture
def stranger(stack: EmbeddedStack) -> Iterator[Producer]:
    """A producer with a transactional id of its own."""
    producer = Producer(
        {
            "bootstrap.servers": stack.bootstrap_servers,
            "transactional.id": "stranger",
            "transaction.timeout.ms": 120_000,
        }
    )
    producer.init_transactions(60)
    return producer


def test_a_cursor_hidden_by_another_producers_transaction_is_not_overlooked(
    start_producer: StartProducer,
    reader: Reader,
    stranger: Producer,
    settings: Settings,
    topic: str,
) -> None:
    """Readers of committed records stop before it, and an old cursor would be taken for the newest.

    The start waits for its end, and fails rather than record everything again.
    """
    publisher = open_publisher(settings)
    publisher.publish("BTC/USDT", TradesPage((), (), "0", 0))
    stranger.begin_transaction()
    stranger.produce(f"{topic}.cursors", b"never committed", b"A/B")
    stranger.flush(60)
    with open_kraken(settings.producer, StopRequest()) as kraken:
        (pair,) = kraken.asset_pairs(["BTC/USDT"])
        publisher.publish("BTC/USDT", kraken.trades(pair, "0"))
    producer = start_producer("--until-caught-up", KAFKA_TIMEOUT_SECONDS="3")
    assert producer.end() == 1
    assert "hidden behind a transaction" in producer.output
    stranger.abort_transaction(60)
    assert start_producer("--until-caught-up").end() == 0
    assert reader.trade_ids(topic) == list(range(10218208, 10219208))


def test_a_topic_with_rubbish_for_a_cursor_is_not_written_to(
    reader: Reader, stranger: Producer, settings: Settings, topic: str
) -> None:
    """Starting without the cursor could record trades twice."""
    open_publisher(settings)
    stranger.begin_transaction()
    stranger.produce(f"{topic}.cursors", b"rubbish", b"BTC/USDT")
    stranger.commit_transaction(60)
    with pytest.raises(CursorUnusable, match="cannot be decoded"):
        open_publisher(settings)
    assert reader.messages(topic) == []
