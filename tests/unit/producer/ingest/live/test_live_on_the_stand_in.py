"""The live loop on a server that speaks as Kraken, and ends subscriptions."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import structlog

from infra.fake_kraken import (
    DEFAULT_RECORDING,
    Fault,
    FaultKind,
    ReplayServer,
    load_recording,
    synthetic_tapes,
)
from producer.ingest import sequencer, silence, subscription_watch
from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.gap_filler import GapFiller
from producer.ingest.live import Batch, LiveRecorder
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.publisher import Publisher
from producer.kraken.rest.client import KrakenClient
from producer.kraken.rest.listing import required
from producer.kraken.settings import KrakenClientSettings, KrakenFeedSettings
from producer.kraken.websocket import subscriptions
from producer.kraken.websocket.feed import KrakenFeed
from producer.model.trade import Feed, Trade
from runtime.shutdown import StopRequest
from tests.unit.producer.fake_kafka import FakeKafka

PATIENCE_SECONDS = 60.0
Logged = list[dict[str, object]]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds become tenths of them."""
    monkeypatch.setattr(silence, "_BEHIND_A_BURST", 0.4)
    monkeypatch.setattr(silence, "_LEAST_INTERVAL", 1.0)
    monkeypatch.setattr(silence, "_BEHIND_A_MISS", 1.0)
    monkeypatch.setattr(subscription_watch, "_OWED_AFTER", 0.3)
    monkeypatch.setattr(sequencer, "_SILENT_SECONDS", 0.5)
    monkeypatch.setattr(subscriptions, "_STABLE_AFTER", 0.1)


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    """Two pairs with 20 synthetic trades a second each."""
    tapes = synthetic_tapes(load_recording(DEFAULT_RECORDING), count=10**6, pairs=2, rate=20.0)
    with ReplayServer(tapes) as server:
        yield server


@contextmanager
def recording(server: ReplayServer, publisher: Publisher) -> Iterator[Callable[..., None]]:
    """Run the loop until a condition holds: `run_until(condition)`."""
    rest = KrakenClientSettings(api_url=server.url, call_interval=0.05, attempts=1)
    with KrakenClient(rest) as kraken:
        pairs = required(kraken.find_pairs(["SYN1/USDT", "SYN2/USDT"]))
        live = KrakenFeedSettings(url=server.websocket_url, first_wait=0.05)
        with (
            CatchUpFetcher(kraken, publisher, RetryPolicy()) as catch_up,
            GapFiller(kraken, publisher, pairs) as gaps,
            KrakenFeed(pairs, live) as feed,
        ):
            recorder = LiveRecorder(
                feed, catch_up, publisher, pairs, gaps, batch=Batch(0.02, 1000), stop=StopRequest()
            )

            def run_until(condition: Callable[[], bool]) -> None:
                deadline = time.monotonic() + PATIENCE_SECONDS
                while not condition():
                    assert time.monotonic() < deadline
                    recorder.turn()
                    time.sleep(0.02)

            yield run_until


def events(lines: Logged) -> list[object]:
    """What was logged of subscriptions and connections."""
    return [line["event"] for line in lines if str(line["event"]).startswith(("subsc", "conn"))]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(kind=FaultKind.DEAD_SUBSCRIPTION, until="subscribe"), ["subscription_renewed"]),
        (
            Fault(kind=FaultKind.DEAD_SUBSCRIPTION, until="connect"),
            ["subscription_renewed", "connection_renewed"],
        ),
        (Fault(kind=FaultKind.UNSUBSCRIBED), ["subscription_ended"]),
    ],
    ids=["until subscribed", "until connected", "unsubscribed"],
)
def test_a_subscription_that_died_comes_back(  # noqa: PLR0913, PLR0917  fixtures and cases
    server: ReplayServer,
    kafka: FakeKafka,
    publisher: Publisher,
    read_trades: Callable[[FakeKafka], list[Trade]],
    fault: Fault,
    expected: list[str],
) -> None:
    """With a line in the log for each step; no trade is lost or doubled, and they come live."""
    symbol = "SYN1/USDT"

    def live_trades() -> int:
        return sum(t.symbol == symbol and t.feed is Feed.WEBSOCKET for t in read_trades(kafka))

    with structlog.testing.capture_logs() as lines, recording(server, publisher) as run_until:
        run_until(lambda: live_trades() > 5)
        server.plan.add([fault.model_copy(update={"pair": symbol})])
        run_until(lambda: events(lines)[: len(expected)] == expected)
        before = live_trades()
        run_until(lambda: live_trades() > before + 20)
    for name in (symbol, "SYN2/USDT"):
        ids = [trade.trade_id for trade in read_trades(kafka) if trade.symbol == name]
        assert ids == list(range(ids[0], ids[0] + len(ids)))
