"""Two producers of one pair, and transactions that are never ended, on a real broker."""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.fake_kraken import DEFAULT_RECORDING, ReplayServer, load_recording, synthetic_tapes
from tests.integration.producer.conftest import Reader, StartProducer

WAITED_FOR_SECONDS = 60.0
"""Where no time-out ended it, it would be 130; a start on a busy machine takes some of it."""
DYING_PRODUCER = Path(__file__).parent / "dying_producer.py"


@pytest.fixture
def live_kraken() -> Iterator[ReplayServer]:
    """Two synthetic pairs, 100 trades a second each, as time goes on."""
    tapes = synthetic_tapes(load_recording(DEFAULT_RECORDING), count=10**6, rate=100.0, pairs=2)
    with ReplayServer(tapes) as server:
        yield server


@pytest.mark.parametrize("feed", ["rest", "websocket"])
def test_of_two_producers_of_one_pair_the_newer_goes_on(
    start_producer: StartProducer,
    reader: Reader,
    live_kraken: ReplayServer,
    topic: str,
    feed: str,
) -> None:
    """The older one names pair and rival and ends; between both no trade is lost."""
    shared = {
        "KRAKEN_API_URL": live_kraken.url,
        "KRAKEN_WEBSOCKET_URL": live_kraken.websocket_url,
        "KRAKEN_FEED": feed,
    }
    older = start_producer(TRANSACTIONAL_ID="one", KRAKEN_PAIR="SYN1/USDT,SYN2/USDT", **shared)
    older.wait_for("recorded", 4)
    newer = start_producer(TRANSACTIONAL_ID="two", KRAKEN_PAIR="SYN2/USDT", **shared)
    assert older.end() == 1
    last_line = older.output.splitlines()[-1]
    assert "SYN2/USDT is recorded by another producer too, which started later" in last_line
    assert "transactional.id two, process" in last_line
    assert "Traceback" not in older.output
    newer.wait_for("recorded", len(newer.events("recorded")) + 3)
    assert newer.end(signal.SIGTERM) == 0
    values = [one for one in reader.values(topic) if one["symbol"] == "SYN2/USDT"]
    ids = Counter(one["trade_id"] for one in values)
    assert sorted(ids) == list(range(min(ids), max(ids) + 1))


def test_a_backfill_and_live_recording_are_no_rivals(
    start_producer: StartProducer, live_kraken: ReplayServer
) -> None:
    """Of the same pair, side by side."""
    shared = {"KRAKEN_API_URL": live_kraken.url, "KRAKEN_PAIR": "SYN1/USDT"}
    live = start_producer(**shared)
    live.wait_for("recorded", 2)
    backfill = start_producer("backfill", "--from", "2026-01-01T00:00:00Z", **shared)
    assert backfill.end() == 0
    live.wait_for("recorded", len(live.events("recorded")) + 3)
    assert live.end(signal.SIGTERM) == 0


def test_what_a_killed_producer_left_open_is_ended_in_time(
    start_producer: StartProducer, reader: Reader, live_kraken: ReplayServer, topic: str
) -> None:
    """Of another pair's producer, which is not started again: readers see what lies behind it."""
    shared = {
        "KRAKEN_API_URL": live_kraken.url,
        "KAFKA_TOPIC_PARTITIONS": "1",
        "KAFKA_TRANSACTION_TIMEOUT_SECONDS": "3",
    }
    killed = start_producer(
        script=DYING_PRODUCER,
        KRAKEN_PAIR="SYN1/USDT",
        TRANSACTIONAL_ID="one",
        DIE_AT="flush",
        DIE_WHEN="after",
        DIE_ON_CALL="2",
        **shared,
    )
    assert killed.end() == -signal.SIGKILL
    began = time.monotonic()
    after = start_producer(KRAKEN_PAIR="SYN2/USDT", TRANSACTIONAL_ID="two", **shared)
    after.wait_for("recorded")
    assert after.end(signal.SIGTERM) == 0
    while not reader.messages(topic):
        assert time.monotonic() - began < WAITED_FOR_SECONDS
        time.sleep(0.5)


def test_a_producer_that_was_suspended_for_longer_than_a_transaction_goes_on(
    start_producer: StartProducer, reader: Reader, live_kraken: ReplayServer, topic: str
) -> None:
    """Kafka ended its transaction meanwhile, and says the same as if it had been fenced."""
    producer = start_producer(
        KRAKEN_API_URL=live_kraken.url,
        KRAKEN_PAIR="SYN1/USDT",
        KAFKA_TRANSACTION_TIMEOUT_SECONDS="1",
        script=Path(__file__).parent / "sleeping_producer.py",
    )
    producer.wait_for("recorded", 6)
    assert producer.events("waking") != []
    assert producer.end(signal.SIGTERM) == 0
    ids = reader.trade_ids(topic)
    assert ids == list(range(ids[0], ids[0] + len(ids)))
