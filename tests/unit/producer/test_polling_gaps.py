"""What the poller does about trade ids that are missing."""

from collections.abc import Callable

import structlog

from producer.kraken.pairs import KrakenPair
from producer.polling import Poller
from producer.trade import Trade
from tests.unit.producer.fake_kafka import FakeKafka
from tests.unit.producer.fake_kraken import FakeKraken

MakeTrades = Callable[..., list[Trade]]

BTC = KrakenPair("XXBTZUSD", "XBT/USD", "XBTUSD", "BTC/USD")


def test_a_page_with_missing_ids_is_asked_for_again(
    poll: Callable[..., Poller], trades: MakeTrades, ids: Callable[[str], list[int]]
) -> None:
    """What the answer over the missing range holds is written."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2, 4])})

    def second_answer_is_whole() -> None:
        if kraken.asked:
            kraken.trades_of = {"BTC/USD": trades([1, 2, 3, 4])}

    kraken.on_call, kraken.page_size = second_answer_is_whole, 4
    poll(kraken, BTC).catch_up()
    assert ids("BTC/USD") == [1, 2, 3, 4]
    assert len(kraken.asked) == 3


def test_ids_that_stay_missing_are_told_and_passed(
    kafka: FakeKafka,
    poll: Callable[..., Poller],
    trades: MakeTrades,
    ids: Callable[[str], list[int]],
) -> None:
    """A gap that Kraken confirms twice is a hole, and does not stop the pair."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2, 4])})
    with structlog.testing.capture_logs() as lines:
        poll(kraken, BTC).catch_up()
    assert ids("BTC/USD") == [1, 2, 4]
    assert [line["confirmed_holes"] for line in lines if "confirmed_holes" in line] == [["3..3"]]
    assert len(kraken.asked) == 4
    assert [record.key for record in kafka.committed("t.holes")] == [b"BTC/USD/3-3"]


def test_the_first_answer_is_taken_where_the_second_is_worse(
    poll: Callable[..., Poller], trades: MakeTrades, ids: Callable[[str], list[int]]
) -> None:
    """Asking again never costs a trade."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2, 4])})

    def second_answer_lacks_more() -> None:
        if kraken.asked:
            kraken.trades_of = {"BTC/USD": trades([1, 4])}

    kraken.on_call = second_answer_lacks_more
    poll(kraken, BTC).catch_up()
    assert ids("BTC/USD") == [1, 2, 4]
