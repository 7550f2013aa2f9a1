"""A pair that Kraken renames under the same key."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
import structlog

from producer.cli.record import _late_pairs
from producer.errors import CursorUnusable
from producer.ingest.poller import Poller
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.market_symbols import carry_on, newest_markets
from producer.kafka.publisher import Publisher
from producer.kraken.pairs import KrakenPair
from producer.model.pair import PairChoice
from producer.model.trade import Trade
from producer.model.venue_errors import UnknownPair
from producer.settings import ProducerSettings
from tests.unit.producer.fake_kafka import FakeKafka
from tests.unit.producer.fake_kraken import FakeKraken

LUNA = KrakenPair("LUNAUSD", "LUNA/USD", "LUNAUSD", "LUNA/USD")
LUNC = replace(LUNA, wsname="LUNC/USD", symbol="LUNC/USD")
LUNA_NOW = replace(LUNC, symbol="LUNA/USD")
MakeTrades = Callable[..., list[Trade]]
Ids = Callable[[str], list[int]]
Start = Callable[..., list[KrakenPair]]


class Listing:
    """Kraken that lists the pair by now, renamed."""

    def find_pairs(self, names: Sequence[str]) -> list[KrakenPair]:
        """What the name means."""
        assert list(names) == ["LUNAUSD"]
        return [LUNC]


@pytest.fixture
def start(kafka: FakeKafka, publisher_on: Callable[..., Publisher], now: datetime) -> Start:
    """What a start does about a pair's names: `start(LUNC)`."""

    def make(pair: KrakenPair, *, labelled: bool = False) -> list[KrakenPair]:
        publisher = publisher_on(kafka)
        publisher.open()
        markets = newest_markets(kafka.keys_and_values("t.markets"))
        return carry_on(
            publisher,
            [pair],
            markets,
            topic="t.markets",
            exchange="KRAKEN",
            labels=[pair.symbol] if labelled else [],
            now=lambda: now,
        )

    return make


def history(trades: MakeTrades, last: int) -> dict[str, list[Trade]]:
    """The same trades under both names."""
    return {symbol: trades(range(1, last + 1), symbol) for symbol in ("LUNA/USD", "LUNC/USD")}


def test_a_renamed_pair_goes_on_from_its_cursor(
    poll: Callable[..., Poller], trades: MakeTrades, start: Start, ids: Ids
) -> None:
    """What was traded meanwhile is recorded under the new name, once; it is said once."""
    kraken = FakeKraken(history(trades, 3), by_time=True)
    assert start(LUNA) == []
    poll(kraken, LUNA).catch_up()
    kraken.trades_of = history(trades, 30)
    with structlog.testing.capture_logs() as lines:
        assert start(LUNC) == [LUNA_NOW]
        assert start(LUNC) == [LUNA_NOW]
    poll(kraken, LUNC).catch_up()
    assert ids("LUNA/USD") == [1, 2, 3]
    assert ids("LUNC/USD") == list(range(4, 31))
    renamed = [line for line in lines if line["event"] == "pair_renamed"]
    assert [(one["recorded_as"], one["symbol"]) for one in renamed] == [("LUNA/USD", "LUNC/USD")]


def test_a_pair_that_is_listed_late_under_another_name_goes_on_from_its_cursor(
    poll: Callable[..., Poller], trades: MakeTrades, start: Start, ids: Ids
) -> None:
    """One that Kraken did not list at the start is followed as one of the start is."""
    kraken = FakeKraken(history(trades, 3), by_time=True)
    start(LUNA)
    poll(kraken, LUNA).catch_up()
    kraken.trades_of = history(trades, 30)
    late = _late_pairs(
        Listing(),  # type: ignore[arg-type]  # all that is asked of Kraken
        ProducerSettings(kraken_pair="LUNAUSD"),
        PairChoice({}, {"LUNAUSD": UnknownPair("not listed")}),
        RetryPolicy(),
        lambda pairs: start(*pairs),
    )
    assert late.take(0.0) == [LUNC]
    poll(kraken, LUNC).catch_up()
    assert ids("LUNC/USD") == list(range(4, 31))


def test_a_cursor_from_before_markets_were_known_works_on(
    poll: Callable[..., Poller], trades: MakeTrades, start: Start, ids: Ids
) -> None:
    """The first start writes down what it is recorded as."""
    kraken = FakeKraken(history(trades, 3), by_time=True)
    poll(kraken, LUNA).catch_up()
    assert start(LUNA) == []
    kraken.trades_of = history(trades, 5)
    poll(kraken, LUNA).catch_up()
    assert ids("LUNA/USD") == [1, 2, 3, 4, 5]


def test_a_label_is_the_users_own_choice(
    kafka: FakeKafka, poll: Callable[..., Poller], trades: MakeTrades, start: Start
) -> None:
    """Another one begins where START_FROM says, as ever."""
    start(LUNA)
    kraken = FakeKraken(history(trades, 3), by_time=True)
    poll(kraken, LUNA).catch_up()
    start(LUNC, labelled=True)
    assert [record.key for record in kafka.committed("t.cursors")] == [b"LUNA/USD"]


def test_a_pair_that_has_both_cursors_keeps_them(
    kafka: FakeKafka, poll: Callable[..., Poller], trades: MakeTrades, start: Start
) -> None:
    """Nothing that was recorded is gone back behind."""
    kraken = FakeKraken(history(trades, 3), by_time=True)
    start(LUNA)
    poll(kraken, LUNA).catch_up()
    poll(kraken, LUNC).catch_up()
    before = len(kafka.committed("t.cursors"))
    start(LUNC)
    assert len(kafka.committed("t.cursors")) == before


def test_what_is_no_market_is_reported() -> None:
    """With what to do about it."""
    with pytest.raises(CursorUnusable, match="tombstone"):
        newest_markets([(b"x", b"rubbish")])
    assert newest_markets([(b"x", b"rubbish"), (b"x", None)]) == {}
