from collections.abc import Iterator
from dataclasses import replace

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from infra.embedded import EmbeddedStack
from producer.cli.kraken_access import open_kraken
from producer.cli.live_publisher import open_live_publisher
from producer.errors import CursorUnusable
from producer.kraken.rest.listing import required
from producer.model.page import TradesPage
from producer.settings import Settings
from runtime.shutdown import StopRequest
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
    publisher = open_live_publisher(settings)[1]
    publisher.publish_together({"BTC/USDT": TradesPage((), (), "0", 0)})
    stranger.begin_transaction()
    stranger.produce(f"{topic}.cursors", b"never committed", b"A/B")
    stranger.flush(60)
    with open_kraken(settings.producer, StopRequest()) as kraken:
        (pair,) = required(kraken.find_pairs(["BTC/USDT"]))
        publisher.publish_together({"BTC/USDT": kraken.trades(pair, "0")})
    producer = start_producer("--until-caught-up", KAFKA_TIMEOUT_SECONDS="3")
    assert producer.end() == 1
    assert "has left a transaction open" in producer.output
    stranger.abort_transaction(60)
    assert start_producer("--until-caught-up").end() == 0
    assert reader.trade_ids(topic) == list(range(10218208, 10219208))


def test_a_topic_with_rubbish_for_a_cursor_is_not_written_to(
    reader: Reader, stranger: Producer, settings: Settings, topic: str
) -> None:
    """Starting without the cursor could record trades twice."""
    open_live_publisher(settings)[1]
    stranger.begin_transaction()
    stranger.produce(f"{topic}.cursors", b"rubbish", b"BTC/USDT")
    stranger.commit_transaction(60)
    with pytest.raises(CursorUnusable, match="cannot be decoded"):
        open_live_publisher(settings)[1]
    assert reader.messages(topic) == []


def test_a_lost_cursor_topic_makes_no_pair_start_anew(
    start_producer: StartProducer, reader: Reader, stack: EmbeddedStack, topic: str
) -> None:
    """The cursor is rebuilt from the newest trade, and a warning says so."""
    assert start_producer("--until-caught-up", START_FROM="beginning").end() == 0
    admin = AdminClient({"bootstrap.servers": stack.bootstrap_servers})
    admin.delete_topics([f"{topic}.cursors"])[f"{topic}.cursors"].result()
    again = start_producer("--until-caught-up", START_FROM="beginning")
    assert again.end() == 0, again.output
    (line,) = again.events("cursor_rebuilt")
    assert (line["level"], line["last_trade_id"]) == ("warning", 10219207)
    assert reader.trade_ids(topic) == list(range(10218208, 10219208))
    assert start_producer("--until-caught-up").events("cursor_rebuilt") == []


def test_a_rebuilt_cursor_goes_on_exactly(
    start_producer: StartProducer,
    reader: Reader,
    stack: EmbeddedStack,
    settings: Settings,
    topic: str,
) -> None:
    """What follows the last trade is recorded, each once; a backfill's trades do not count."""
    publisher = open_live_publisher(settings)[1]
    with open_kraken(settings.producer, StopRequest()) as kraken:
        (pair,) = required(kraken.find_pairs(["BTC/USDT"]))
        page = kraken.trades(pair, "0")
    publisher.publish_together({"BTC/USDT": replace(page, trades=page.trades[:400])})
    late = ("--from", "2025-11-11T00:00:00Z")
    assert start_producer("backfill", *late).end() == 0
    admin = AdminClient({"bootstrap.servers": stack.bootstrap_servers})
    admin.delete_topics([f"{topic}.cursors"])[f"{topic}.cursors"].result()
    assert start_producer("--until-caught-up").end() == 0
    assert reader.ids_by_symbol(topic, backfilled=False) == {
        "BTC/USDT": list(range(10218208, 10219208))
    }
    assert reader.ids_by_symbol(topic, backfilled=True)["BTC/USDT"][-1] == 10219207
