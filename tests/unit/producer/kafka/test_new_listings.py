"""Where pairs begin that Kraken lists while, or before, they are recorded by rule."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import pytest

from producer.cli.symbols import choose
from producer.cli.watched_listing import follow_and_note, follow_at_start
from producer.ingest.late_pairs import LatePairs
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.market_symbols import Market, carry_on, newest_markets
from producer.kafka.publisher import Publisher
from producer.kafka.records import Records
from producer.kraken.pairs import KrakenPair
from producer.model.pair import PairChoice
from producer.model.trade import Trade
from producer.model.venue_errors import UnknownPair
from tests.unit.producer.fake_feed import BTC, ETH
from tests.unit.producer.fake_kafka import Crash, FakeKafka
from tests.unit.producer.fake_kraken import FakeKraken

RULES = "*/USD"
XYZ = KrakenPair("XYZUSD", "XYZ/USD", "XYZUSD", "XYZ/USD")
OpenPublisher = Callable[..., Publisher]
Start = Callable[..., Publisher]


def claims(keys: Sequence[str]) -> list[Records]:
    """What a producer says of the pairs that it records."""
    return [Records("t.claims", key.encode(), [b"{}"], 0) for key in keys]


@pytest.fixture
def start(kafka: FakeKafka, publisher_on: OpenPublisher, now: datetime) -> Start:
    """What a start by rule does for its pairs: `start(BTC, ETH)`."""

    def make(*pairs: object, rules: str = RULES, named: tuple[object, ...] = ()) -> Publisher:
        publisher = publisher_on(kafka)
        publisher.open()
        markets = newest_markets(kafka.keys_and_values("t.markets"))
        follow = partial(
            carry_on,
            publisher,
            markets=markets,
            topic="t.markets",
            exchange="KRAKEN",
            labels=(),
            now=lambda: now,
            rules=rules,
        )
        by_rule = frozenset(pair.key for pair in pairs if pair not in named)
        choice = PairChoice({pair.symbol: pair for pair in pairs}, {}, by_rule)
        follow_at_start(choice, publisher, follow, markets, rules)
        return publisher

    return make


def test_a_new_pair_begins_before_its_first_trade_in_one_transaction(
    kafka: FakeKafka, publisher: Publisher, trades: Callable[..., list[Trade]]
) -> None:
    """One that has a cursor keeps it, and what else is written is part of it."""
    publisher.publish_together(
        {"BTC/USD": FakeKraken({"BTC/USD": trades([7, 8])}).trades(BTC, None)}
    )
    cursors = len(kafka.committed("t.cursors"))
    publisher.begin(["BTC/USD", "ETH/USD"], "0", [Records("t.markets", b"k", [b"v"], 0)])
    assert (publisher.positions.since("ETH/USD"), publisher.positions.last_trade_id("ETH/USD")) == (
        "0",
        0,
    )
    assert publisher.positions.last_trade_id("BTC/USD") == 8
    assert len(kafka.committed("t.cursors")) == cursors + 1
    assert kafka.keys_and_values("t.markets") == [(b"k", b"v")]
    ids = [7, 8, 9]
    publisher.publish_together(
        {"ETH/USD": FakeKraken({"ETH/USD": trades(ids, "ETH/USD")}).trades(ETH, "0")}
    )
    assert publisher.positions.last_trade_id("ETH/USD") == 9


@pytest.mark.parametrize("too_late", [False, True])
def test_a_kill_leaves_no_pair_half_begun(
    kafka: FakeKafka, publisher: Publisher, publisher_on: OpenPublisher, *, too_late: bool
) -> None:
    """Its market and where it begins are in Kafka, or neither, and then it is seen again."""
    kafka.fail("commit_transaction", Crash(), too_late=too_late)
    with pytest.raises(Crash):
        publisher.begin(["ETH/USD"], "0", [Records("t.markets", b"k", [b"v"], 0)])
    restarted = publisher_on(kafka)
    restarted.open()
    assert restarted.positions.since("ETH/USD") == ("0" if too_late else None)
    assert len(kafka.committed("t.markets")) == int(too_late)


def test_a_pair_that_was_listed_since_the_last_run_begins_with_its_first_trade(
    start: Start,
) -> None:
    """The first run begins where START_FROM says; so does a pair that was recorded before."""
    assert start(BTC).positions.since("BTC/USD") is None
    again = start(BTC, ETH)
    assert again.positions.since("BTC/USD") is None
    assert again.positions.since("ETH/USD") == "0"


def test_other_rules_or_a_name_in_full_begin_where_start_from_says(start: Start) -> None:
    """What a wider rule brings need not be a new listing."""
    start(BTC, rules="BTC/*")
    assert start(BTC, ETH).positions.since("ETH/USD") is None
    start(BTC)
    assert start(BTC, ETH, named=(ETH,)).positions.since("ETH/USD") is None


@pytest.mark.parametrize(
    ("name", "claimed"), [("XYZUSD", ["XYZ/USD"]), ("XYZ/USD", [])], ids=["guessed", "as it is"]
)
def test_a_pair_that_is_found_late_is_claimed_under_its_own_symbol(
    kafka: FakeKafka, publisher_on: OpenPublisher, now: datetime, name: str, claimed: list[str]
) -> None:
    """The start has claimed what its name suggests; the pair begins where START_FROM says."""
    publisher = publisher_on(kafka, claims=claims)
    publisher.open()
    at_start = choose([name], [UnknownPair("not listed")], ())
    follow = partial(
        carry_on,
        publisher,
        markets={},
        topic="t.markets",
        exchange="KRAKEN",
        labels=(),
        now=lambda: now,
    )
    late = LatePairs(
        at_start.unknown,
        lambda: choose([name], [XYZ], ()),
        RetryPolicy(),
        found=follow_and_note(publisher, follow, None, at_start.unknown),
    )
    assert late.take(0.0) == [XYZ]
    assert [record.key.decode() for record in kafka.committed("t.claims")] == claimed
    assert list(newest_markets(kafka.keys_and_values("t.markets"))) == ["XYZUSD"]
    assert kafka.committed("t.cursors") == []


def test_over_a_thousand_markets_are_written_at_once_and_only_once(
    kafka: FakeKafka, start: Start
) -> None:
    """A first start by rule takes one transaction for them, and the next one none."""
    pairs = [BTC.recorded_as(f"P{at}/USD") for at in range(1400)]
    pairs = [
        type(BTC)(f"K{at}", one.wsname, one.altname, one.symbol) for at, one in enumerate(pairs)
    ]
    start(*pairs)
    written = kafka.committed("t.markets")
    assert len(written) == 1400
    start(*pairs)
    assert len(kafka.committed("t.markets")) == 1400


def test_a_market_of_names_in_full_is_written_as_before(kafka: FakeKafka, start: Start) -> None:
    """Without rules a record has no field for them."""
    start(BTC, rules="")
    ((_, value),) = kafka.keys_and_values("t.markets")
    assert value == b'{"exchange":"KRAKEN","key":"XXBTZUSD","symbols":["BTC/USD"]}'
    start(BTC)
    market = newest_markets(kafka.keys_and_values("t.markets"))["XXBTZUSD"]
    assert market == Market(exchange="KRAKEN", key="XXBTZUSD", symbols=("BTC/USD",), rules=RULES)
