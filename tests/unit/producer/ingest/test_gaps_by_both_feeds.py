"""Whatever either feed shows, and whenever: each trade once, and only real holes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.gap_filler import GapFiller
from producer.ingest.live import Batch, LiveRecorder
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.publisher import Publisher
from producer.kraken.pairs import KrakenPair
from producer.model.feed_events import Broken, LiveTrades, Subscribed
from producer.model.gaps.gap_schedule import GAP_SCHEDULE
from producer.model.gaps.hole import newest_holes
from producer.model.gaps.open_gap import newest_gaps
from producer.model.page import TradesPage
from producer.model.trade import Trade
from tests.unit.producer.fake_feed import BTC, AtOnce, FakeFeed
from tests.unit.producer.fake_kafka import FakeKafka
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime

NEVER = 10**6
TURNS = 30


@dataclass(frozen=True)
class Delivery:
    """When a trade comes by socket, and from when on REST has it, in turns of a second."""

    socket: int
    rest: int
    swapped: bool
    flaky: bool

    @property
    def is_shown(self) -> bool:
        """Whether either feed ever shows it."""
        return self.socket != NEVER or self.rest != NEVER


@dataclass
class Kraken(FakeKraken):
    """REST that lacks trades for a time, and whose back ends differ."""

    deliveries: dict[int, Delivery] = field(default_factory=dict)
    every: list[Trade] = field(default_factory=list)
    turn: int = 0
    calls: int = 0

    def trades(self, pair: KrakenPair, since: str | None) -> TradesPage:
        """What the back end of this call has, by time."""
        self.calls += 1
        self.trades_of[pair.symbol] = sorted(
            filter(self._has, self.every), key=lambda trade: trade.executed_micros
        )
        return super().trades(pair, since)

    def _has(self, trade: Trade) -> bool:
        delivery = self.deliveries[trade.trade_id]
        if delivery.flaky and self.turn <= TURNS and self.calls % 2:
            return False
        return delivery.rest <= self.turn


times = st.one_of(st.just(NEVER), st.integers(1, TURNS))
deliveries = st.builds(
    Delivery, socket=times, rest=times, swapped=st.booleans(), flaky=st.booleans()
)


def swapped(trades: list[Trade], by_id: dict[int, Delivery]) -> list[Trade]:
    """Some are stamped two milliseconds before the one before them, as kelp#461 saw."""
    back = {True: 1_002_000, False: 0}
    return [
        replace(trade, executed_micros=trade.executed_micros - back[by_id[trade.trade_id].swapped])
        for trade in trades
    ]


@settings(max_examples=100, deadline=None)
@given(
    middle=st.lists(deliveries, max_size=14),
    page_size=st.integers(3, 6),
    breaks=st.sets(st.integers(1, TURNS), max_size=2),
)
def test_each_trade_that_a_feed_shows_is_published_once_and_no_other_is_a_hole(  # noqa: PLR0913  the story
    publisher_on: Callable[..., Publisher],
    read_trades: Callable[[FakeKafka], list[Trade]],
    trades: Callable[..., list[Trade]],
    *,
    middle: list[Delivery],
    page_size: int,
    breaks: set[int],
) -> None:
    """By socket, by REST, by both, late, out of order or never."""
    start = Delivery(socket=NEVER, rest=0, swapped=False, flaky=False)
    end = Delivery(socket=TURNS, rest=TURNS, swapped=False, flaky=False)
    by_id = dict(enumerate([start, *middle, end, end], 1))
    every = swapped(trades(range(1, len(by_id) + 1)), by_id)
    kafka, clock = FakeKafka(), FakeTime()
    kraken = Kraken(
        {}, page_size=page_size, from_start=True, by_time=True, deliveries=by_id, every=every
    )
    publisher = publisher_on(kafka, now=clock.utc, schedule=GAP_SCHEDULE.scaled(90))
    publisher.open()
    feed = FakeFeed()
    recorder = LiveRecorder(
        feed,
        CatchUpFetcher(kraken, publisher, RetryPolicy(), AtOnce()),
        publisher,
        [BTC],
        GapFiller(kraken, publisher, [BTC], pool=AtOnce(), now=clock.utc),
        batch=Batch(seconds=0.05, trades=100),
        stop=clock,
        clock=lambda: clock.now,
    )

    def turn(number: int, seconds: float) -> None:
        kraken.turn = number
        new = [trade for trade in every if by_id[trade.trade_id].socket == number]
        batch = [LiveTrades(BTC, new, snapshot=False)] if new else []
        if number in breaks:
            batch = [*batch, Broken([BTC]), Subscribed(BTC)]
        feed.batches = [batch]
        recorder.turn()
        clock.now += seconds

    feed.batches = [[Subscribed(BTC)]]
    recorder.turn()
    for number in range(TURNS + 1):
        turn(number, 1.0)
    for number in range(110):
        turn(TURNS + 1 + number, 2.0)
    found = Counter(trade.trade_id for trade in read_trades(kafka))
    shown = {trade_id for trade_id, delivery in by_id.items() if delivery.is_shown}
    assert found == Counter(shown)
    holes = newest_holes(kafka.keys_and_values("t.holes"))
    missing = [one for hole in holes for one in range(hole.first_trade_id, hole.last_trade_id + 1)]
    assert missing == sorted(set(by_id) - shown)
    assert newest_gaps(kafka.keys_and_values("t.gaps")) == []
