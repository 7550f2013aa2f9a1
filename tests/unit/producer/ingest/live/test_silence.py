"""A trade that the feed left out at the end of a burst is asked of REST, within bounds."""

from collections.abc import Callable

from producer.ingest.sequencer import TradeSequencer
from producer.ingest.silence import QUIET, Silence
from producer.model.feed_events import Subscribed
from producer.model.trade import Trade
from tests.unit.producer.fake_feed import BTC, live

MakeTrades = Callable[..., list[Trade]]


def test_silence_behind_a_burst_is_asked_about_after_seconds() -> None:
    """Several trades at once, or one soon after another."""
    assert Silence().after(3, now=100) == 104
    silence = Silence()
    assert silence.after(1, now=100) == 100 + QUIET
    assert silence.after(1, now=101) == 105


def test_bursts_that_follow_each_other_are_not_each_asked_about() -> None:
    """Once in half a minute for each pair, whatever comes."""
    silence, asked, due = Silence(), [], float("inf")
    for second in range(600):
        if second % 5 == 0:
            due = silence.after(2, now=second)
        if second >= due:
            asked.append(second)
            silence.asked(second)
            due = silence.after_page(second, new=False)
    assert 600 / 35 <= len(asked) <= 600 / 30 + 1


def test_a_quiet_pair_is_asked_about_once_and_then_after_long(trades: MakeTrades) -> None:
    """A silence is one question, not one every few seconds."""
    line = TradeSequencer(BTC, 5, now=0)
    line.note(Subscribed(BTC), 5, now=0)
    line.note(live(trades([6, 7])), 5, now=10)
    line.take(5, now=0)
    assert not line.wants_rest(now=13.9)
    assert line.wants_rest(now=14)
    line.begin_filling()
    line.filled(7, now=14.2, full=False)
    assert not line.wants_rest(now=14.2 + QUIET - 1)
    assert line.wants_rest(now=14.2 + QUIET)


def test_where_rest_had_more_it_is_asked_again_soon(trades: MakeTrades) -> None:
    """The feed that left out one trade may be leaving out all of them."""
    line = TradeSequencer(BTC, 5, now=0)
    line.note(Subscribed(BTC), 5, now=0)
    line.note(live(trades([6, 7])), 5, now=10)
    line.begin_filling()
    line.filled(8, now=14, full=False, undelivered=True)
    line.take(8, now=0)
    assert not line.wants_rest(now=23)
    assert line.wants_rest(now=24)


def test_after_a_renewal_only_a_live_trade_ends_the_doubt(trades: MakeTrades) -> None:
    """The snapshot comes over a dead subscription as well."""
    line = TradeSequencer(BTC, 5, now=0)
    line.doubt()
    line.note(Subscribed(BTC), 5, now=0)
    line.note(live(trades([6]), snapshot=True), 5, now=0)
    line.take(5, now=0)
    assert line.wants_rest(now=5)
    line.note(live(trades([7])), 6, now=1)
    line.take(6, now=0)
    assert not line.wants_rest(now=299)
