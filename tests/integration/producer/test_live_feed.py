"""The producer on the WebSocket: whatever happens to the feed, each trade is in Kafka once."""

import random
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.embedded import EmbeddedStack
from infra.fake_kraken import (
    DEFAULT_RECORDING,
    Fault,
    FaultKind,
    ReplayServer,
    load_recording,
    synthetic_tapes,
)
from tests.integration.producer.conftest import ProducerProcess, Reader, StartProducer

RATE = 100.0
StartFollowing = Callable[..., ProducerProcess]


def stand_in(pairs: int = 2, count: int = 10**6, rate: float = RATE) -> ReplayServer:
    """Kraken with this many synthetic trades per second and pair, by REST and by WebSocket."""
    recording = load_recording(DEFAULT_RECORDING)
    return ReplayServer(synthetic_tapes(recording, count=count, rate=rate, pairs=pairs))


@pytest.fixture
def kraken() -> Iterator[ReplayServer]:
    """Two pairs, 100 trades a second each."""
    with stand_in() as server:
        yield server


def addresses(kraken: ReplayServer, pairs: int = 2) -> dict[str, str]:
    """The settings that point there."""
    return {
        "KRAKEN_API_URL": kraken.url,
        "KRAKEN_WEBSOCKET_URL": kraken.websocket_url,
        "KRAKEN_PAIR": ",".join(f"SYN{number}/USDT" for number in range(1, pairs + 1)),
    }


@pytest.fixture
def follow(start_producer: StartProducer, kraken: ReplayServer) -> StartFollowing:
    """Start a producer on the WebSocket: `follow(KAFKA_TIMEOUT_SECONDS="5")`."""
    return lambda **settings: start_producer(
        **{"KRAKEN_FEED": "websocket", **addresses(kraken), **settings}
    )


@pytest.fixture
def ids_after_catching_up(
    start_producer: StartProducer, reader: Reader, kraken: ReplayServer, topic: str
) -> Callable[[], dict[str, list[int]]]:
    """The ids of each symbol once REST has gone on from the cursors that the feed left."""

    def ids() -> dict[str, list[int]]:
        rest = start_producer("--until-caught-up", **addresses(kraken))
        assert rest.end() == 0, rest.output
        return reader.ids_by_symbol(topic, backfilled=False)

    return ids


def assert_gapless(by_symbol: dict[str, list[int]], pairs: int = 2) -> None:
    """Each trade of each pair once, in order."""
    assert len(by_symbol) == pairs
    for ids in by_symbol.values():
        assert ids == list(range(ids[0], ids[0] + len(ids)))


def frames_counted(kraken: ReplayServer) -> Callable[[], int]:
    """Count the frames of trades that are sent from now on, with a fault that never strikes."""
    kraken.plan.add([Fault(kind=FaultKind.LOST_FRAME, after=10**9)])
    counter = kraken.plan.armed[-1]
    return lambda: counter.passed


@pytest.mark.parametrize(
    ("fault", "connections"),
    [
        (Fault(kind=FaultKind.DUPLICATE_FRAME, times=5), 1),
        (Fault(kind=FaultKind.REORDER_FRAMES, times=5), 1),
        (Fault(kind=FaultKind.LOST_FRAME, times=5), 1),
        (Fault(kind=FaultKind.HALF_FRAME), 2),
        (Fault(kind=FaultKind.CLOSE, code=1012), 2),
        (Fault(kind=FaultKind.CLOSE, code=1006), 2),
        (Fault(kind=FaultKind.SILENCE), 2),
        (Fault(kind=FaultKind.MAINTENANCE, seconds=1.0), 2),
    ],
    ids=["twice", "out of order", "lost", "half", "closed", "cut", "silence", "maintenance"],
)
def test_no_fault_of_the_feed_loses_or_doubles_a_trade(  # noqa: PLR0913, PLR0917  fixtures and cases
    follow: StartFollowing,
    kraken: ReplayServer,
    reader: Reader,
    topic: str,
    ids_after_catching_up: Callable[[], dict[str, list[int]]],
    fault: Fault,
    connections: int,
) -> None:
    """REST fills what is missing, the feed goes on, and REST can go on from its cursor."""
    producer = follow()
    producer.wait_for("recorded")
    kraken.plan.add([fault])
    struck = kraken.plan.armed[-1]
    producer.wait_until(lambda: struck.spent and kraken.calls["v2"] == connections)
    sent = frames_counted(kraken)
    producer.wait_until(lambda: sent() > 3 * RATE)
    assert producer.end(signal.SIGTERM) == 0
    assert len(producer.events("feed_broken")) == connections - 1
    assert [record["feed"] for record in reader.values(topic)[-20:]] == ["WEBSOCKET"] * 20
    assert_gapless(ids_after_catching_up())


def test_a_pair_that_the_feed_refuses_is_recorded_by_rest(
    follow: StartFollowing, kraken: ReplayServer, reader: Reader, topic: str
) -> None:
    """Loudly, while the other one comes live."""
    kraken.plan.add([Fault(kind=FaultKind.REFUSE_SYMBOL, pair="SYN2/USDT", times="always")])
    producer = follow()
    producer.wait_for("subscription_refused")
    producer.wait_until(lambda: len(reader.ids_by_symbol(topic, backfilled=False)) == 2)
    assert producer.end(signal.SIGTERM) == 0
    feeds = {(record["symbol"], record["feed"]) for record in reader.values(topic)}
    assert ("SYN1/USDT", "WEBSOCKET") in feeds
    assert {feed for symbol, feed in feeds if symbol == "SYN2/USDT"} == {"REST"}


def test_rest_and_websocket_give_the_same_events(
    start_producer: StartProducer, reader: Reader, topic: str
) -> None:
    """But for the feed and the time of ingestion."""
    (tape,) = synthetic_tapes(load_recording(DEFAULT_RECORDING), count=8000, rate=200.0)
    with ReplayServer([tape]) as kraken:
        live = start_producer(KRAKEN_FEED="websocket", **addresses(kraken, pairs=1))
        live.wait_until(lambda: tape.visible(time.time_ns()) == tape.count)
        assert live.end(signal.SIGTERM) == 0
        followed = {record["trade_id"]: record for record in reader.values(topic)}
        asked = start_producer("backfill", "--from", "beginning", **addresses(kraken, pairs=1))
        assert asked.end() == 0
    polled = {record["trade_id"]: record for record in reader.values(topic) if by_rest(record)}
    live_ids = [number for number, record in followed.items() if not by_rest(record)]
    assert len(live_ids) > 200
    for number in live_ids:
        assert essence(followed[number]) == essence(polled[number])


def by_rest(record: dict[str, Any]) -> bool:
    """Whether the trade was asked for."""
    return bool(record["feed"] == "REST")


def essence(record: dict[str, Any]) -> dict[str, Any]:
    """What does not depend on how the trade came."""
    return {key: value for key, value in record.items() if key not in ("feed", "ingested_at")}


def test_kills_at_any_moment_lose_and_double_nothing(
    follow: StartFollowing,
    kraken: ReplayServer,
    ids_after_catching_up: Callable[[], dict[str, list[int]]],
) -> None:
    """Killed amid transactions and fills, the next start goes on from the cursors in Kafka."""
    moments = random.Random(7)
    sent = frames_counted(kraken)
    for _ in range(4):
        before = sent()
        producer = follow()
        producer.wait_until(lambda before=before: sent() > before + moments.randint(1, 100))
        assert producer.end(signal.SIGKILL) == -signal.SIGKILL
    by_symbol = ids_after_catching_up()
    assert_gapless(by_symbol)


def test_a_broker_that_crashes_and_comes_back_costs_nothing(
    follow: StartFollowing,
    stack: EmbeddedStack,
    kraken: ReplayServer,
    ids_after_catching_up: Callable[[], dict[str, list[int]]],
) -> None:
    """What the feed brings meanwhile waits; then the same process goes on."""
    producer = follow()
    producer.wait_for("recorded")
    sent = frames_counted(kraken)
    producer.wait_until(lambda: sent() > RATE)
    stack.kill_broker()
    try:
        producer.wait_for("waiting_for_kafka")
    finally:
        stack.start_broker()
    recorded = len(producer.events("recorded"))
    producer.wait_for("recorded", recorded + 1)
    assert producer.end(signal.SIGTERM) == 0
    assert kraken.calls["v2"] == 1
    assert_gapless(ids_after_catching_up())


def test_a_second_producer_takes_over_from_the_first(
    follow: StartFollowing,
    topic: str,
    ids_after_catching_up: Callable[[], dict[str, list[int]]],
) -> None:
    """The first one logs it and ends with an error."""
    first = follow()
    first.wait_for("recorded")
    second = follow()
    assert first.end() == 1
    assert f"another producer with transactional.id {topic}.producer" in first.output
    assert "Traceback" not in first.output
    second.wait_for("recorded")
    assert second.end(signal.SIGTERM) == 0
    assert_gapless(ids_after_catching_up())


def test_many_pairs_are_followed_over_one_connection(
    start_producer: StartProducer, reader: Reader, topic: str
) -> None:
    """With a cursor for each, and many of them in each transaction."""
    pairs = 60
    with stand_in(pairs=pairs, rate=2.0) as kraken:
        producer = start_producer(KRAKEN_FEED="websocket", **addresses(kraken, pairs=pairs))
        sent = frames_counted(kraken)
        producer.wait_until(lambda: sent() > 10 * pairs)
        assert producer.end(signal.SIGTERM) == 0
        assert kraken.calls["v2"] == 1
    feeds = defaultdict(set)
    for record in reader.values(topic):
        feeds[record["symbol"]].add(record["feed"])
    assert len(feeds) == pairs
    assert all("WEBSOCKET" in found for found in feeds.values())
    assert_gapless(reader.ids_by_symbol(topic, backfilled=False), pairs)
