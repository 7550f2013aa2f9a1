"""Both loops follow what Kraken lists and delists, and leave the other pairs alone."""

from collections.abc import Callable

import pytest
import structlog

from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.gap_filler import GapFiller
from producer.ingest.listing_watch import ListingChange
from producer.ingest.live import Batch, LiveRecorder
from producer.ingest.parking import Parking
from producer.ingest.poller import Poller
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.publisher import Publisher
from producer.model.feed_events import Subscribed
from producer.model.trade import Trade
from producer.model.venue_errors import UnknownPair
from tests.unit.producer.fake_feed import BTC, ETH, AtOnce, FakeFeed, live
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime

MakeTrades = Callable[..., list[Trade]]
Ids = Callable[[str], list[int]]


class Changes:
    """Changes of the listing, each at its second."""

    def __init__(self, **changes: ListingChange) -> None:
        self.changes = {float(at.removeprefix("at")): change for at, change in changes.items()}

    @property
    def due(self) -> float:
        """The second of the next change."""
        return min(self.changes, default=float("inf"))

    def take(self, now: float) -> ListingChange:
        """The next change, if it is due."""
        return self.changes.pop(self.due) if now >= self.due else ListingChange()


@pytest.fixture
def kraken(trades: MakeTrades) -> FakeKraken:
    """Two pairs."""
    return FakeKraken({"BTC/USD": trades([1, 2]), "ETH/USD": trades([7, 8], "ETH/USD")})


def test_the_live_loop_subscribes_parks_and_resumes(
    publisher: Publisher, kraken: FakeKraken, trades: MakeTrades, time: FakeTime, ids: Ids
) -> None:
    """A delisted pair is unsubscribed from and costs no call for long; its return ends the wait."""
    listing = Changes(
        at1=ListingChange(added=(ETH,)),
        at10=ListingChange(gone=(ETH,)),
        at200=ListingChange(returned=(ETH,)),
    )
    feed, retries = FakeFeed(), RetryPolicy(parking=Parking())
    recorder = LiveRecorder(
        feed,
        CatchUpFetcher(kraken, publisher, retries, AtOnce()),
        publisher,
        [BTC],
        GapFiller(kraken, publisher, [BTC], pool=AtOnce(), now=time.utc),
        batch=Batch(0.05, 100),
        stop=time,
        listing=listing,  # type: ignore[arg-type]  # it takes and is due
        clock=lambda: time.now,
    )

    def pass_time(until: float) -> None:
        while time.now < until:
            recorder.turn()
            time.now += 0.5

    pass_time(10)
    assert feed.added == [ETH]
    assert ids("ETH/USD") == [7, 8]
    kraken.refused["ETH/USD"] = UnknownPair("EQuery:Unknown asset pair")
    with structlog.testing.capture_logs() as lines:
        pass_time(12)
        feed.batches = [[Subscribed(BTC)], [live(trades([3, 4]))]]
        pass_time(200)
    assert feed.removed == [ETH]
    assert {line["symbol"] for line in lines if line["event"] == "pair_parked"} == {"ETH/USD"}
    assert ids("BTC/USD") == [1, 2, 3, 4]
    asked = [symbol for symbol, _ in kraken.asked].count("ETH/USD")
    assert asked < 10
    del kraken.refused["ETH/USD"]
    kraken.trades_of["ETH/USD"] = trades([7, 8, 9], "ETH/USD")
    with structlog.testing.capture_logs() as lines:
        pass_time(206)
    assert feed.added == [ETH, ETH]
    assert [line["event"] for line in lines if "resumed" in line["event"]] == ["pair_resumed"]
    assert ids("ETH/USD") == [7, 8, 9]


def test_the_poll_loop_polls_parks_and_resumes(
    poll: Callable[..., Poller], kraken: FakeKraken, trades: MakeTrades, time: FakeTime, ids: Ids
) -> None:
    """The same by polling."""
    start = time.now
    poller = poll(kraken, BTC)
    poller._listing = Changes(  # type: ignore[assignment]  # it takes and is due
        **{
            f"at{start + 1}": ListingChange(added=(ETH,)),
            f"at{start + 10}": ListingChange(gone=(ETH,)),
            f"at{start + 300}": ListingChange(returned=(ETH,)),
        }
    )

    def follow() -> None:
        seconds = time.now - start
        if 10 <= seconds < 300:
            kraken.refused["ETH/USD"] = UnknownPair("EQuery:Unknown asset pair")
        elif seconds >= 300:
            kraken.refused.clear()
            kraken.trades_of["ETH/USD"] = trades([7, 8, 9], "ETH/USD")
        if seconds > 310:
            time.make()

    kraken.on_call = follow
    with structlog.testing.capture_logs() as lines:
        poller.run()
    events = [line["event"] for line in lines if line["event"].startswith("pair_")]
    assert events[0] == "pair_parked"
    assert ids("ETH/USD") == [7, 8, 9]
    assert ids("BTC/USD") == [1, 2]
    calls = [symbol for symbol, _ in kraken.asked]
    assert calls.count("ETH/USD") < 20 < calls.count("BTC/USD")
