"""A market that is listed again: parked, and recorded in full once it is accepted."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
import structlog
from msgspec.structs import replace as with_fields

from producer.cli.accept_new_book import begin_book
from producer.errors import PairParked, VenueGaveUp
from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.gap_filler import GapFiller
from producer.ingest.live import Batch, LiveRecorder
from producer.ingest.parking import Parking
from producer.ingest.poller import Poller
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.publisher import Publisher
from producer.model.feed_events import Subscribed
from producer.model.page import TradesPage
from producer.model.pair_state import PairState
from producer.model.trade import Trade
from producer.model.venue_errors import Unavailable
from tests.unit.producer.fake_feed import BTC, ETH, AtOnce, FakeFeed, live, turns
from tests.unit.producer.fake_kafka import FakeKafka
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime

MakeTrades = Callable[..., list[Trade]]
Ids = Callable[[str], list[int]]

LATER = 400 * 1_000_000
"""Microseconds from the old book to the new one."""


@pytest.fixture
def anew(trades: MakeTrades) -> Callable[[Sequence[int]], list[Trade]]:
    """Trades of the new book: `anew([1, 2])`."""

    def make(ids: Sequence[int]) -> list[Trade]:
        return [
            with_fields(one, executed_micros=one.executed_micros + LATER) for one in trades(ids)
        ]

    return make


def poll_to_the_end(poller: Poller) -> None:
    """A run that is meant to end gives the parked pair up."""
    with pytest.raises(VenueGaveUp, match="accept-new-book"):
        poller.catch_up()


def test_a_new_book_is_parked_and_then_accepted_without_a_loss(  # noqa: PLR0913, PLR0917  fixtures
    kafka: FakeKafka,
    poll: Callable[..., Poller],
    publisher_on: Callable[..., Publisher],
    trades: MakeTrades,
    anew: Callable[[Sequence[int]], list[Trade]],
    ids: Ids,
    now: datetime,
) -> None:
    """Even where one page holds the end of the old book and the beginning of the new."""
    kraken = FakeKraken({"BTC/USD": trades([7, 8])}, by_time=True, page_size=4)
    poll(kraken, BTC).catch_up()
    kraken.trades_of["BTC/USD"] = [*trades([7, 8, 9]), *anew(range(1, 12))]
    with structlog.testing.capture_logs() as lines:
        poll_to_the_end(poll(kraken, BTC, most_failures=3))
    (parked,) = [line for line in lines if line["event"] == "pair_parked"]
    assert "1 was traded at" in parked["reason"]
    assert "--pair BTC/USD --as BTC2/USD" in parked["advice"]
    assert ids("BTC/USD") == [7, 8, 9]
    publisher = publisher_on(kafka)
    publisher.open()
    first = begin_book(
        kraken, publisher, BTC, "BTC2/USD", lambda: now, stop=FakeTime(), retries=RetryPolicy(3)
    )
    assert first is not None
    assert first.trade_id == 1
    new = replace(BTC, symbol="BTC2/USD")
    kraken.trades_of["BTC2/USD"] = [
        with_fields(one, symbol="BTC2/USD") for one in kraken.trades_of["BTC/USD"]
    ]
    poll(kraken, new).catch_up()
    assert ids("BTC2/USD") == list(range(1, 12))
    assert ids("BTC/USD") == [7, 8, 9]


def test_other_pairs_of_the_transaction_go_on(
    publisher: Publisher,
    page: Callable[..., TradesPage],
    trades: MakeTrades,
    anew: Callable[[Sequence[int]], list[Trade]],
) -> None:
    """The parked one is named apart."""
    old, new = trades([8]), anew([1])
    publisher.publish_together(
        {"BTC/USD": TradesPage(old, (), str(old[0].executed_micros * 1000), 1)}
    )
    ether = TradesPage(tuple(trades([3], "ETH/USD")), (), "3", 1)
    parked: dict[str, PairParked] = {}
    written = publisher.publish_together(
        {"BTC/USD": replace(page([]), trades=new), "ETH/USD": ether}, parked
    )
    assert [one.symbol for one in written] == ["ETH/USD"]
    assert [*parked] == ["BTC/USD"]
    assert publisher.positions.last_trade_id("BTC/USD") == 8


def test_stamps_out_of_the_order_of_ids_are_no_new_book(
    publisher: Publisher, trades: MakeTrades, ids: Ids
) -> None:
    """They differ by milliseconds; a trade that comes twice differs by nothing."""
    first, second = trades([8, 9])
    swapped = with_fields(first, executed_micros=second.executed_micros + 2000)
    last = str(swapped.executed_micros * 1000)
    publisher.publish_together({"BTC/USD": TradesPage((second, swapped), (), last, 2)})
    assert publisher.publish_together({"BTC/USD": TradesPage((second, swapped), (), last, 2)}) == []
    assert ids("BTC/USD") == [8, 9]


def test_a_new_book_by_socket_is_parked_and_left_to_rests_cursor(  # noqa: PLR0913, PLR0917  fixtures
    kafka: FakeKafka,
    publisher_on: Callable[..., Publisher],
    trades: MakeTrades,
    anew: Callable[[Sequence[int]], list[Trade]],
    ids: Ids,
    time: FakeTime,
) -> None:
    """It is logged once, however many of its trades come; another pair goes on."""
    every = {"BTC/USD": trades([8, 9]), "ETH/USD": trades([3], "ETH/USD")}
    kraken = FakeKraken(every, by_time=True)
    publisher = publisher_on(kafka, now=time.utc)
    publisher.open()
    pairs = [BTC, ETH]
    recorder = LiveRecorder(
        feed := FakeFeed([[Subscribed(BTC), Subscribed(ETH)]]),
        CatchUpFetcher(kraken, publisher, RetryPolicy(), AtOnce()),
        publisher,
        pairs,
        GapFiller(kraken, publisher, pairs, pool=AtOnce(), now=time.utc),
        batch=Batch(seconds=0.05, trades=100),
        stop=time,
        clock=lambda: time.now,
    )
    turns(recorder, 2)
    since = publisher.positions.since("BTC/USD")
    feed.batches = [
        [live(anew([1]))],
        [live(anew([2])), live(trades([4], "ETH/USD"), ETH)],
        [live(anew([3, 4]))],
    ]
    with structlog.testing.capture_logs() as lines:
        turns(recorder, 4)
    assert [line["event"] for line in lines if "parked" in line["event"]] == ["pair_parked"]
    assert (ids("BTC/USD"), ids("ETH/USD")) == ([8, 9], [3, 4])
    assert publisher.positions.since("BTC/USD") == since


@pytest.mark.parametrize("found_before", [False, True], ids=["in this run", "in the run before"])
def test_higher_ids_of_a_new_book_are_not_taken_for_the_old_ones(  # noqa: PLR0913, PLR0917  fixtures
    kafka: FakeKafka,
    publisher_on: Callable[..., Publisher],
    trades: MakeTrades,
    anew: Callable[[Sequence[int]], list[Trade]],
    ids: Ids,
    time: FakeTime,
    *,
    found_before: bool,
) -> None:
    """REST found the new book, or the run before did; what the socket brings has to wait."""
    kraken = FakeKraken({"BTC/USD": trades([8, 9])}, by_time=True)
    publisher = publisher_on(kafka, now=time.utc)
    publisher.open()
    publisher.publish_together({"BTC/USD": kraken.trades(BTC, None)})
    state = PairState(
        exchange="KRAKEN",
        symbol="BTC/USD",
        reason="its trade ids begin anew",
        advice="accept it",
        parked_at=time.utc(),
        new_book=True,
    )
    if found_before:
        kraken.refused["BTC/USD"] = Unavailable("not now")
    else:
        kraken.trades_of["BTC/USD"] += anew([1, 2, 3])
    retries = RetryPolicy(parking=Parking(held=[state] if found_before else []))
    recorder = LiveRecorder(
        FakeFeed([[Subscribed(BTC)], [live(anew([12, 13]))]]),
        CatchUpFetcher(kraken, publisher, retries, AtOnce()),
        publisher,
        [BTC],
        GapFiller(kraken, publisher, [BTC], pool=AtOnce(), now=time.utc),
        batch=Batch(seconds=0.05, trades=100),
        stop=time,
        clock=lambda: time.now,
    )
    for _ in range(60):
        recorder.turn()
        time.now += 0.5
    assert ids("BTC/USD") == [8, 9]
