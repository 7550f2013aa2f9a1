"""An exchange that is not Kraken, by everything between a venue and Kafka."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from producer.errors import VenueGaveUp
from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.gap_filler import GapFiller
from producer.ingest.live import Batch, LiveRecorder
from producer.ingest.poller import Pace, Poller
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.publisher import Publisher
from producer.model.trade import Trade
from runtime.shutdown import StopRequest
from tests.second_venue import EXCHANGE, Bourse, BourseFeed, Share, line
from tests.unit.producer.fake_feed import AtOnce, turns
from tests.unit.producer.fake_kafka import FakeKafka
from tests.unit.producer.fake_time import FakeTime

ACME = Share("XS0001", "ACME/EUR")
OTHER = Share("XS0002", "OTHER/EUR")

ReadTrades = Callable[[FakeKafka], list[Trade]]


@pytest.fixture
def publisher(
    kafka: FakeKafka, publisher_on: Callable[..., Publisher], time: FakeTime
) -> Publisher:
    """A publisher for the Bourse's trades."""
    opened = publisher_on(kafka, exchange=EXCHANGE, now=time.utc)
    opened.open()
    return opened


@pytest.fixture
def lines(now: datetime) -> Callable[..., list[str]]:
    """Trades of the Bourse, one a second until now: `lines(range(1, 10))`."""

    def make(ids: list[int]) -> list[str]:
        return [line(one, now - timedelta(seconds=1000 - one)) for one in ids]

    return make


def test_its_pages_are_recorded(
    kafka: FakeKafka,
    publisher: Publisher,
    read_trades: ReadTrades,
    lines: Callable[..., list[str]],
) -> None:
    """From the newest page on, with a dead letter; a share that is refused stops no other."""
    market = lines([*range(1, 11)])
    market[7] = market[7].replace(";108.5;", ";-1;")
    venue = Bourse({ACME.key: market, OTHER.key: market}, refused={OTHER.key})
    poller = Poller(
        venue,
        publisher,
        [ACME, OTHER],
        GapFiller(venue, publisher, [ACME, OTHER], pool=AtOnce()),
        pace=Pace(0, 0),
        retries=RetryPolicy(1),
        stop=StopRequest(),
    )
    with pytest.raises(VenueGaveUp, match=r"OTHER/EUR.*the Bourse does not trade XS0002 today"):
        poller.catch_up()
    recorded = read_trades(kafka)
    assert {(trade.exchange, trade.symbol) for trade in recorded} == {(EXCHANGE, "ACME/EUR")}
    assert [trade.trade_id for trade in recorded] == [7, 9, 10]
    (rejected,) = kafka.committed("t.dead-letter")
    assert b"108;-1" not in rejected.value
    assert b"8;-1;0.25;buy" in rejected.value


def test_what_its_feed_leaves_out_is_filled_in(
    kafka: FakeKafka,
    publisher: Publisher,
    read_trades: ReadTrades,
    lines: Callable[..., list[str]],
    time: FakeTime,
) -> None:
    """By its pages, in order; and an id that it never has is a hole in the end."""
    first, feed = lines([1, 2]), BourseFeed()
    venue = Bourse({ACME.key: first})
    recorder = LiveRecorder(
        feed,
        CatchUpFetcher(venue, publisher, RetryPolicy(), AtOnce()),
        publisher,
        [ACME],
        GapFiller(venue, publisher, [ACME], pool=AtOnce(), now=time.utc),
        batch=Batch(seconds=0.05, trades=100),
        stop=time,
        clock=lambda: time.now,
    )
    feed.subscribed(ACME)
    turns(recorder, 2)
    venue.lines = {ACME.key: lines([1, 2, 3, 4, 6, 7])}
    feed.happened(ACME, lines([4, 6]))
    for _ in range(960):
        time.now += 1
        recorder.turn()
    assert sorted(trade.trade_id for trade in read_trades(kafka)) == [1, 2, 3, 4, 6, 7]
    (hole,) = kafka.committed("t.holes")
    assert json.loads(hole.value)["exchange"] == EXCHANGE
    assert hole.key == b"ACME/EUR/5-5"
