"""The broker is lost, temporarily or permanently. These tests kill it, and start it again."""

import signal
from collections.abc import Iterator

import pytest

from infra.embedded import EmbeddedStack
from infra.fake_kraken import DEFAULT_RECORDING, ReplayServer, load_recording, synthetic_tapes
from tests.integration.producer.conftest import Reader, StartProducer


@pytest.fixture
def live_kraken() -> Iterator[ReplayServer]:
    """Synthetic trades, 100 a second, as time goes on."""
    tape = synthetic_tapes(load_recording(DEFAULT_RECORDING), count=10**6, rate=100.0)
    with ReplayServer(tape) as server:
        yield server


@pytest.fixture
def broker(stack: EmbeddedStack) -> Iterator[EmbeddedStack]:
    """The stack, whose broker runs again after the test."""
    yield stack
    stack.start_broker()


@pytest.fixture
def from_live_kraken(live_kraken: ReplayServer) -> dict[str, str]:
    """The settings that ask the live one."""
    return {"KRAKEN_API_URL": live_kraken.url, "KRAKEN_PAIR": "SYN1/USDT"}


def assert_gapless(ids: list[int]) -> None:
    """Each trade once, in order."""
    assert ids == list(range(ids[0], ids[0] + len(ids)))


def test_a_broker_that_crashes_and_comes_back_costs_nothing(
    start_producer: StartProducer,
    broker: EmbeddedStack,
    reader: Reader,
    from_live_kraken: dict[str, str],
    topic: str,
) -> None:
    """The same process goes on, twice, with each trade once."""
    producer = start_producer(**from_live_kraken)
    producer.wait_for("recorded", 2)
    for outage in (1, 2):
        broker.kill_broker()
        producer.wait_for("waiting_for_kafka", outage)
        broker.start_broker()
        written = len(producer.events("recorded"))
        producer.wait_for("recorded", written + 2)
    assert producer.end(signal.SIGTERM) == 0
    ids = reader.trade_ids(topic)
    assert_gapless(ids)
    assert ids[-1] == producer.events("recorded")[-1]["last_trade_id"]


def test_a_frozen_broker_costs_nothing(
    start_producer: StartProducer,
    broker: EmbeddedStack,
    reader: Reader,
    from_live_kraken: dict[str, str],
    topic: str,
) -> None:
    """One that holds its connections and does not answer is waited for as well."""
    producer = start_producer(**from_live_kraken)
    producer.wait_for("recorded", 2)
    broker.freeze_broker()
    try:
        producer.wait_for("waiting_for_kafka")
    finally:
        broker.thaw_broker()
    producer.wait_for("recorded", len(producer.events("recorded")) + 2)
    assert producer.end(signal.SIGTERM) == 0
    assert_gapless(reader.trade_ids(topic))


def test_a_broker_that_stays_away_ends_the_producer(
    start_producer: StartProducer,
    broker: EmbeddedStack,
    reader: Reader,
    from_live_kraken: dict[str, str],
    topic: str,
) -> None:
    """After the time allowed, with one clear line; the next start goes on with each trade once."""
    producer = start_producer(KAFKA_TIMEOUT_SECONDS="3", **from_live_kraken)
    producer.wait_for("recorded", 2)
    broker.kill_broker()
    assert producer.end() == 1
    assert "gave no answer for 3 s" in producer.output.splitlines()[-1]
    assert "Traceback" not in producer.output
    late = start_producer("--until-caught-up", KAFKA_TIMEOUT_SECONDS="3", **from_live_kraken)
    assert late.end() == 1
    assert "gave no answer for 3 s" in late.output.splitlines()[-1]
    broker.start_broker()
    assert start_producer("--until-caught-up", **from_live_kraken).end() == 0
    assert_gapless(reader.trade_ids(topic))
