"""How long trades are held for REST, and how many."""

from collections.abc import Callable

import structlog
from msgspec.structs import replace

from producer.ingest.sequencer import TradeSequencer
from producer.model.trade import Trade
from tests.unit.producer.ingest.live.test_sequencer import BTC, ids, live, subscribed_line

MakeTrades = Callable[..., list[Trade]]


def test_trades_that_a_level_rest_does_not_reach_are_written_before_it(trades: MakeTrades) -> None:
    """Once it has been asked twice: what lies before them becomes an open gap."""
    line = subscribed_line(5)
    line.note(live(trades([9, 8])), 5, now=0)
    for second in range(2):
        assert line.take(5, now=second) == []
        assert line.wants_rest(now=second)
        line.begin_filling()
        line.filled(5, now=second, full=False)
    with structlog.testing.capture_logs() as lines:
        assert ids(line.take(5, now=1)) == [8, 9]
    assert [one["event"] for one in lines] == ["live_trades_before_rest"]
    line.note(live(trades([10, 6])), 9, now=2)
    assert ids(line.take(9, now=2)) == [6, 10]
    assert not line.wants_rest(now=3)


def test_a_rest_that_does_not_answer_holds_up_trades_for_seconds_only(trades: MakeTrades) -> None:
    """Even while its answer is awaited still."""
    line = subscribed_line(5)
    line.note(live(trades([9])), 5, now=0)
    assert line.take(5, now=0) == []
    line.begin_filling()
    assert line.take(5, now=4.9) == []
    assert ids(line.take(5, now=5)) == [9]


def test_a_break_is_caught_up_with_for_as_long_as_rest_advances(trades: MakeTrades) -> None:
    """Full pages, each within seconds; held trades wait, as they would come before them."""
    line = subscribed_line(5)
    line.note(live(trades([900])), 5, now=0)
    for page in range(1, 9):
        assert line.take(100 * (page - 1) or 5, now=4 * page - 4) == []
        line.begin_filling()
        line.filled(100 * page, now=4 * page, full=True)
    line.begin_filling()
    line.filled(899, now=36, full=False)
    assert ids(line.take(899, now=36)) == [900]


def test_held_trades_are_bounded(trades: MakeTrades) -> None:
    """Too many are written immediately, and the ids before them are fetched separately."""
    line = subscribed_line(5)
    (pattern,) = trades([1])
    crowd = [replace(pattern, trade_id=number) for number in range(100, 20_101)]
    line.note(live(crowd), 5, now=0)
    assert ids(line.take(5, now=0)) == list(range(100, 20_101))


def test_trades_before_a_first_recorded_one_are_bounded_too(trades: MakeTrades) -> None:
    """The oldest stay; REST, which starts where START_FROM says, brings the others."""
    line = TradeSequencer(BTC, 0, now=0)
    (pattern,) = trades([1])
    crowd = [replace(pattern, trade_id=number) for number in range(100, 30_100)]
    line.note(live(crowd), 0, now=0)
    line.begin_filling()
    line.filled(99, now=0, full=False)
    assert ids(line.take(99, now=0)) == list(range(100, 20_100))


def test_a_question_without_an_answer_stays_due_whatever_the_feed_brings(
    trades: MakeTrades,
) -> None:
    """Only an answer tells whether REST still refuses the pair; then silence decides again."""
    line = subscribed_line(5)
    line.begin_filling()
    line.end_filling(now=0)
    line.note(live(trades([6])), 5, now=1)
    assert ids(line.take(5, now=1)) == [6]
    assert line.wants_rest(now=1)
    line.begin_filling()
    line.filled(6, now=2, full=False)
    line.note(live(trades([7])), 6, now=3)
    assert ids(line.take(6, now=3)) == [7]
    assert not line.wants_rest(now=20)
