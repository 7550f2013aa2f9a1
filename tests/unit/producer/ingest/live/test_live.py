"""The live loop: a fake feed, a fake Kraken for REST, and a fake Kafka with transactions."""

from collections.abc import Callable

import pytest

from producer.errors import ProducerFenced, VenueGaveUp
from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.gap_filler import GapFiller
from producer.ingest.live import Batch, LiveRecorder
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.publisher import Publisher
from producer.kraken.pairs import KrakenPair
from producer.model.feed_events import Subscribed
from producer.model.trade import Trade
from producer.model.venue_errors import RequestRefused, Unavailable, UnknownPair
from tests.unit.producer.fake_feed import BTC, ETH, AtOnce, FakeFeed, Later, live, turns
from tests.unit.producer.fake_kafka import FakeKafka
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime

MakeTrades = Callable[..., list[Trade]]
Ids = Callable[[str], list[int]]

BATCH = Batch(seconds=0.05, trades=100)


@pytest.fixture
def record(
    kafka: FakeKafka, publisher_on: Callable[..., Publisher], time: FakeTime
) -> Callable[..., LiveRecorder]:
    """Make a recorder: `record(feed, kraken, BTC)`."""

    def make(
        feed: FakeFeed, kraken: FakeKraken, *pairs: KrakenPair, pool: AtOnce | None = None
    ) -> LiveRecorder:
        publisher = publisher_on(kafka, now=time.utc)
        publisher.open()
        return LiveRecorder(
            feed,
            CatchUpFetcher(kraken, publisher, RetryPolicy(), pool or AtOnce()),
            publisher,
            pairs,
            GapFiller(kraken, publisher, pairs, pool=AtOnce(), now=time.utc),
            batch=BATCH,
            stop=time,
            clock=lambda: time.now,
        )

    return make


def test_a_pair_begins_with_rest_and_goes_on_live(
    record: Callable[..., LiveRecorder], trades: MakeTrades, ids: Ids
) -> None:
    """The newest page first, then what follows it."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2, 3])})
    feed = FakeFeed(
        [[Subscribed(BTC), live(trades([2, 3]), snapshot=True)], [live(trades([4]))], []]
    )
    turns(record(feed, kraken, BTC), 4)
    assert ids("BTC/USD") == [1, 2, 3, 4]
    assert kraken.asked == [("BTC/USD", None)]


def test_live_trades_of_all_pairs_are_one_transaction(
    kafka: FakeKafka, record: Callable[..., LiveRecorder], trades: MakeTrades, ids: Ids
) -> None:
    """With each pair's cursor."""
    kraken = FakeKraken({"BTC/USD": trades([1]), "ETH/USD": trades([7], "ETH/USD")})
    recorder = record(feed := FakeFeed(), kraken, BTC, ETH)
    turns(recorder, 2)
    before = len(kafka.log)
    feed.batches = [[live(trades([2])), live(trades([8, 9], "ETH/USD"), ETH), live(trades([3]))]]
    recorder.turn()
    written = kafka.log[before:]
    assert [record.topic for record in written] == ["t", "t", "t.cursors"] * 2
    assert len({record.transaction for record in written}) == 1
    assert ids("BTC/USD") == [1, 2, 3]
    assert ids("ETH/USD") == [7, 8, 9]


def test_nothing_new_is_no_transaction(
    kafka: FakeKafka, record: Callable[..., LiveRecorder], trades: MakeTrades
) -> None:
    """Trades that come twice, or came by REST before, are dropped."""
    recorder = record(
        feed := FakeFeed(), FakeKraken({"BTC/USD": trades([1, 2])}, by_time=True), BTC
    )
    turns(recorder, 2)
    before = kafka.transactions
    feed.batches = [[live(trades([1, 2]), snapshot=True)], [live(trades([2]))], []]
    turns(recorder, 3)
    assert kafka.transactions == before


def test_a_jump_is_filled_by_rest(
    record: Callable[..., LiveRecorder], trades: MakeTrades, ids: Ids
) -> None:
    """From the last recorded trade to the first live one, then the live ones."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2])}, by_time=True)
    recorder = record(feed := FakeFeed([[Subscribed(BTC)]]), kraken, BTC)
    turns(recorder, 3)
    kraken.trades_of["BTC/USD"] = trades(range(1, 6))
    feed.batches = [[live(trades([6, 7]))]]
    turns(recorder, 3)
    assert ids("BTC/USD") == [1, 2, 3, 4, 5, 6, 7]


def test_a_pair_that_is_being_filled_keeps_no_other_waiting(
    record: Callable[..., LiveRecorder], trades: MakeTrades, ids: Ids
) -> None:
    """Its page is fetched outside the loop, and its live trades wait for it."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2]), "ETH/USD": trades([7], "ETH/USD")})
    recorder = record(feed := FakeFeed(), kraken, BTC, ETH, pool=(pool := Later()))
    recorder.turn()
    pool.work()
    recorder.turn()
    pool.work()
    recorder.turn()
    feed.batches = [[live(trades([4])), live(trades([8], "ETH/USD"), ETH)]]
    recorder.turn()
    assert ids("ETH/USD") == [7, 8]
    assert ids("BTC/USD") == [1, 2]
    kraken.trades_of["BTC/USD"] = trades([1, 2, 3])
    pool.work()
    recorder.turn()
    assert ids("BTC/USD") == [1, 2, 3, 4]


def test_a_rest_that_fails_is_left_alone_for_longer_each_time(
    record: Callable[..., LiveRecorder], trades: MakeTrades, time: FakeTime, ids: Ids
) -> None:
    """Live trades of pairs that lack nothing go on meanwhile."""
    kraken = FakeKraken({"BTC/USD": trades([1]), "ETH/USD": trades([7], "ETH/USD")})
    recorder = record(feed := FakeFeed([[Subscribed(BTC), Subscribed(ETH)]]), kraken, BTC, ETH)
    turns(recorder, 2)
    asked = len(kraken.asked)
    kraken.failures = [Unavailable("EService:Unavailable")] * 3
    kraken.trades_of["BTC/USD"] = trades([1, 2])
    feed.batches = [[live(trades([3])), live(trades([8], "ETH/USD"), ETH)]]
    for _ in range(60):
        recorder.turn()
        time.now += 0.1
    assert ids("ETH/USD") == [7, 8]
    assert ids("BTC/USD") == [1, 2, 3]
    assert len(kraken.asked) == asked + 4
    assert time.waits == []


def test_what_asking_again_does_not_mend_ends_the_loop(
    record: Callable[..., LiveRecorder], trades: MakeTrades
) -> None:
    """REST's refusal is raised at once."""
    kraken = FakeKraken({"BTC/USD": trades([1])}, failures=[RequestRefused("EGeneral")])
    with pytest.raises(RequestRefused):
        record(FakeFeed(), kraken, BTC).run()


def test_a_feed_that_has_ended_ends_the_loop(
    record: Callable[..., LiveRecorder], trades: MakeTrades
) -> None:
    """With what Kraken said."""
    kraken = FakeKraken({"BTC/USD": trades([1])})
    with pytest.raises(UnknownPair, match="not supported"):
        record(FakeFeed(failure=UnknownPair("not supported")), kraken, BTC).run()


def test_a_stop_ends_the_loop_between_two_transactions(
    record: Callable[..., LiveRecorder], trades: MakeTrades, time: FakeTime, ids: Ids
) -> None:
    """What was taken is written; nothing more is taken."""
    kraken = FakeKraken({"BTC/USD": trades([1])}, on_call=time.make)
    feed = FakeFeed([[Subscribed(BTC)], [live(trades([2]))]])
    recorder = record(feed, kraken, BTC)
    recorder.run()
    assert ids("BTC/USD") == []
    assert len(feed.batches) == 1


def test_trades_are_gathered_unless_more_of_them_wait(
    record: Callable[..., LiveRecorder], trades: MakeTrades, time: FakeTime, ids: Ids
) -> None:
    """A batch that is full is followed at once."""
    kraken = FakeKraken({"BTC/USD": trades([1])})
    full = [live(trades(range(2, 102)))]
    feed = FakeFeed([[Subscribed(BTC)], [], full, [live(trades([102]))]], failure=VenueGaveUp())
    with pytest.raises(VenueGaveUp):
        record(feed, kraken, BTC).run()
    assert ids("BTC/USD") == list(range(1, 103))
    assert time.waits == [0.05, 0.05, 0.05, 0.0, 0.05]


def test_the_heart_beats_while_the_feed_lives(
    kafka: FakeKafka, publisher_on: Callable[..., Publisher], trades: MakeTrades, time: FakeTime
) -> None:
    """About once a second, with trades or without."""
    beats: list[float] = []
    publisher = publisher_on(kafka)
    publisher.open()
    feed = FakeFeed()
    kraken = FakeKraken({"BTC/USD": trades([1])})
    recorder = LiveRecorder(
        feed,
        CatchUpFetcher(kraken, publisher, RetryPolicy(), AtOnce()),
        publisher,
        [BTC],
        GapFiller(kraken, publisher, [BTC], pool=AtOnce(), now=time.utc),
        batch=BATCH,
        stop=time,
        beat=lambda: beats.append(time.now),
        clock=lambda: time.now,
    )
    for tenth in range(30):
        time.now = tenth / 10
        feed.alive = tenth < 25
        recorder.turn()
    assert beats == [0.0, 1.0, 2.0]


def test_a_second_producer_ends_the_first(
    kafka: FakeKafka,
    record: Callable[..., LiveRecorder],
    publisher_on: Callable[..., Publisher],
    trades: MakeTrades,
    ids: Ids,
) -> None:
    """Fenced, as while polling."""
    feed = FakeFeed()
    recorder = record(feed, FakeKraken({"BTC/USD": trades([1])}), BTC)
    turns(recorder, 2)
    publisher_on(kafka).open()
    feed.batches = [[live(trades([2]))]]
    with pytest.raises(ProducerFenced):
        recorder.turn()
    assert ids("BTC/USD") == [1]
