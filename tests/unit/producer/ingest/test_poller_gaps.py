"""What the poller does about trade ids that are missing."""

import json
from collections.abc import Callable

import structlog

from producer.ingest.poller import Poller
from producer.kraken.pairs import KrakenPair
from producer.model.gaps.hole import newest_holes
from producer.model.gaps.open_gap import newest_gaps
from producer.model.trade import Trade
from tests.unit.producer.fake_kafka import FakeKafka
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime

MakeTrades = Callable[..., list[Trade]]
MakePoller = Callable[..., Poller]
Ids = Callable[[str], list[int]]

BTC = KrakenPair("XXBTZUSD", "XBT/USD", "XBTUSD", "BTC/USD")
QUARTER_OF_AN_HOUR = 900


def run_for(poller: Poller, kraken: FakeKraken, time: FakeTime, seconds: float) -> None:
    """Poll for so long."""
    end = time.now + seconds
    kraken.on_call = lambda: time.make() if time.now >= end else None
    poller.run()
    time._asked = False
    kraken.on_call = lambda: None


def test_a_page_with_missing_ids_is_asked_for_again(
    kafka: FakeKafka, poll: MakePoller, trades: MakeTrades, ids: Ids
) -> None:
    """What the answer over the missing range holds is written, marked as behind the newest."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2, 4])}, by_time=True)

    def second_answer_is_whole() -> None:
        if kraken.asked:
            kraken.trades_of = {"BTC/USD": trades([1, 2, 3, 4])}

    kraken.on_call, kraken.page_size = second_answer_is_whole, 4
    poll(kraken, BTC).catch_up()
    assert ids("BTC/USD") == [1, 2, 4, 3]
    marked = [bool(record.headers) for record in kafka.committed("t")]
    assert marked == [False, False, False, True]
    assert newest_gaps(kafka.keys_and_values("t.gaps")) == []


def test_a_gap_is_recorded_with_the_trades_around_it(
    kafka: FakeKafka, poll: MakePoller, trades: MakeTrades
) -> None:
    """In one transaction with the cursor that moves past it, and known to the next start."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2, 4])}, by_time=True)
    poller = poll(kraken, BTC)
    poller._poll(poller._feeds[0])
    assert [record.topic for record in kafka.log] == ["t", "t", "t", "t.gaps", "t.cursors"]
    assert len({record.transaction for record in kafka.log}) == 1
    (gap,) = newest_gaps(kafka.keys_and_values("t.gaps"))
    assert (gap.key, gap.asked) == ("BTC/USD/3-3", 0)


def test_a_gap_is_believed_only_after_a_quarter_of_an_hour(
    kafka: FakeKafka, poll: MakePoller, trades: MakeTrades, ids: Ids, time: FakeTime
) -> None:
    """The hole takes its place in one transaction, and no question comes twice by the same URL."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2, 4])}, by_time=True)
    with structlog.testing.capture_logs() as lines:
        run_for(poll(kraken, BTC), kraken, time, QUARTER_OF_AN_HOUR - 10)
        assert kafka.committed("t.holes") == []
        run_for(poll(kraken, BTC), kraken, time, 60)
    (hole,) = newest_holes(kafka.keys_and_values("t.holes"))
    assert (hole.key, hole.asked) == ("BTC/USD/3-3", 0)
    assert newest_gaps(kafka.keys_and_values("t.gaps")) == []
    hole, gone = kafka.committed("t.holes")[-1], kafka.committed("t.gaps")[-1]
    assert (gone.value, gone.transaction) == (None, hole.transaction)
    assert [line["confirmed_holes"] for line in lines if "confirmed_holes" in line] == [["3..3"]]
    assert ids("BTC/USD") == [1, 2, 4]
    last = kraken.trades(BTC, None).last
    questions = [since for _, since in kraken.asked if since not in (None, last)]
    assert len(questions) >= 5
    assert len(set(questions)) == len(questions)


def test_a_restart_neither_hastens_a_gap_nor_keeps_it_open(
    kafka: FakeKafka, poll: MakePoller, trades: MakeTrades, time: FakeTime
) -> None:
    """Its record says how far its questions have come."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2, 4])}, by_time=True)
    for _ in range(QUARTER_OF_AN_HOUR // 45):
        run_for(poll(kraken, BTC), kraken, time, 40)
        assert kafka.committed("t.holes") == []
    run_for(poll(kraken, BTC), kraken, time, 200)
    assert [hole.key for hole in newest_holes(kafka.keys_and_values("t.holes"))] == ["BTC/USD/3-3"]


def test_a_hole_that_fills_is_revoked(
    kafka: FakeKafka, poll: MakePoller, trades: MakeTrades, ids: Ids, time: FakeTime
) -> None:
    """It is asked for again after an hour; the part that came is no hole any more."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2, 6])}, by_time=True, page_size=9)
    run_for(poll(kraken, BTC), kraken, time, QUARTER_OF_AN_HOUR + 60)
    kraken.trades_of = {"BTC/USD": trades([1, 2, 4, 6])}
    with structlog.testing.capture_logs() as lines:
        run_for(poll(kraken, BTC), kraken, time, 3700)
    assert ids("BTC/USD") == [1, 2, 6, 4]
    holes = newest_holes(kafka.keys_and_values("t.holes"))
    assert [hole.key for hole in holes] == ["BTC/USD/3-3", "BTC/USD/5-5"]
    assert ["3..5"] in [line.get("revoked_holes") for line in lines]


def test_holes_of_the_old_rule_are_asked_for_again_once(
    kafka: FakeKafka, poll: MakePoller, trades: MakeTrades, ids: Ids, time: FakeTime
) -> None:
    """Although nothing in their records says when their trades were made."""
    kraken = FakeKraken({"BTC/USD": trades([1, 4, *range(10, 30)])}, by_time=True, page_size=30)
    poll(kraken, BTC).catch_up()
    for key, first, last in ((b"BTC/USD/2-3", 2, 3), (b"BTC/USD/5-9", 5, 9)):
        old = {
            "exchange": "KRAKEN",
            "symbol": "BTC/USD",
            "first_trade_id": first,
            "last_trade_id": last,
            "confirmed_at": "2026-11-24T12:00:00Z",
        }
        kafka.commit("t.holes", key, json.dumps(old).encode())
        kafka.commit("t.gaps", key, None)
    kraken.trades_of = {"BTC/USD": trades([1, 2, 3, 4, *range(10, 30)])}
    run_for(poll(kraken, BTC), kraken, time, 120)
    (hole,) = newest_holes(kafka.keys_and_values("t.holes"))
    assert (hole.key, hole.asked, hole.ask_at) == ("BTC/USD/5-9", 2, None)
    assert ids("BTC/USD")[-2:] == [2, 3]


def test_the_first_answer_is_taken_where_the_second_is_worse(
    poll: MakePoller, trades: MakeTrades, ids: Ids
) -> None:
    """Asking again never costs a trade."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2, 4])}, by_time=True)

    def second_answer_lacks_more() -> None:
        if kraken.asked:
            kraken.trades_of = {"BTC/USD": trades([1, 4])}

    kraken.on_call = second_answer_lacks_more
    poll(kraken, BTC).catch_up()
    assert ids("BTC/USD") == [1, 2, 4]
