from collections.abc import Callable

import structlog
from hypothesis import given
from hypothesis import strategies as st

from producer.ingest.sequencer import TradeSequencer
from producer.kraken.pairs import KrakenPair
from producer.model.feed_events import Broken, LiveTrades, Subscribed
from producer.model.trade import Trade

MakeTrades = Callable[..., list[Trade]]

BTC = KrakenPair("XXBTZUSD", "XBT/USD", "XBTUSD", "BTC/USD")


def live(
    trades: list[Trade], *, snapshot: bool = False, faults: tuple[str, ...] = ()
) -> LiveTrades:
    """Live trades of the pair."""
    return LiveTrades(BTC, trades, snapshot, faults)


def ids(trades: list[Trade]) -> list[int]:
    """Their ids."""
    return [trade.trade_id for trade in trades]


def subscribed_line(recorded: int) -> TradeSequencer:
    """A line with a subscription, at second 0."""
    line = TradeSequencer(BTC, recorded, now=0)
    line.note(Subscribed(BTC), recorded, now=0)
    return line


def test_trades_that_follow_are_written_without_rest(trades: MakeTrades) -> None:
    """Also the snapshot's; what of it is recorded, or was missing, the publisher knows."""
    line = subscribed_line(5)
    line.note(live(trades(range(1, 8)), snapshot=True), 5, now=0)
    line.note(live(trades([8])), 5, now=0)
    assert ids(line.take(5, now=0)) == list(range(1, 9))
    assert not line.wants_rest(now=299)


def test_a_jump_in_the_ids_asks_rest_at_once(trades: MakeTrades) -> None:
    """The trades behind it are held until REST has brought those before them."""
    line = subscribed_line(5)
    line.note(live(trades([6, 9, 10])), 5, now=0)
    assert ids(line.take(5, now=0)) == [6]
    assert line.wants_rest(now=0)
    line.begin_filling()
    line.filled(8, now=0, full=False)
    assert ids(line.take(8, now=0)) == [9, 10]
    assert not line.wants_rest(now=299)


def test_trades_out_of_order_are_written_in_order(trades: MakeTrades) -> None:
    """And twice is once."""
    line = subscribed_line(5)
    line.note(live(trades([7, 6, 7])), 5, now=0)
    assert ids(line.take(5, now=0)) == [6, 7]


def test_a_late_trade_closes_the_jump(trades: MakeTrades) -> None:
    """REST is not needed then."""
    line = subscribed_line(5)
    line.note(live(trades([7])), 5, now=0)
    assert line.take(5, now=0) == []
    line.note(live(trades([6])), 5, now=0)
    assert ids(line.take(5, now=0)) == [6, 7]
    assert not line.wants_rest(now=3.9)


def test_a_pair_that_was_never_recorded_starts_with_rest(trades: MakeTrades) -> None:
    """The snapshot may lie before START_FROM; what comes live is held."""
    line = TradeSequencer(BTC, 0, now=0)
    assert line.wants_rest(now=0)
    line.note(Subscribed(BTC), 0, now=0)
    line.note(live(trades([3, 4]), snapshot=True), 0, now=0)
    line.note(live(trades([6])), 0, now=0)
    assert line.take(0, now=0) == []
    assert line.wants_rest(now=0)
    line.begin_filling()
    line.filled(5, now=0, full=False)
    assert ids(line.take(5, now=0)) == [6]


def test_a_feed_that_says_nothing_of_a_pair_leaves_it_to_rest() -> None:
    """After 5 s, and again after 5 s, until it is subscribed to."""
    line = TradeSequencer(BTC, 5, now=0)
    assert not line.wants_rest(now=4.9)
    assert line.wants_rest(now=5)
    line.begin_filling()
    line.filled(5, now=5, full=False)
    assert not line.wants_rest(now=9.9)
    assert line.wants_rest(now=10)


def test_a_subscription_without_a_trade_is_checked_by_rest() -> None:
    """A quiet pair may have no snapshot; then nothing shows that nothing was missed."""
    line = subscribed_line(5)
    assert line.wants_rest(now=5)
    line.begin_filling()
    line.filled(5, now=5, full=False)
    assert not line.wants_rest(now=299)
    assert line.wants_rest(now=305)


def test_a_pair_that_falls_silent_is_checked_by_rest(trades: MakeTrades) -> None:
    """Its subscription may be dead while the connection, and other pairs, live."""
    line = subscribed_line(5)
    line.note(live(trades([6])), 5, now=100)
    line.take(5, now=0)
    assert not line.wants_rest(now=399)
    assert line.wants_rest(now=400)


def test_a_break_leaves_the_pair_to_rest_until_the_next_subscription(trades: MakeTrades) -> None:
    """Its trades are recorded meanwhile, if later."""
    line = subscribed_line(5)
    line.note(live(trades([6])), 5, now=0)
    assert ids(line.take(5, now=0)) == [6]
    line.note(Broken([BTC]), 6, now=100)
    assert not line.wants_rest(now=104.9)
    assert line.wants_rest(now=105)


def test_more_pages_are_asked_for_until_the_live_trades_are_reached(trades: MakeTrades) -> None:
    """A full page is followed at once."""
    line = subscribed_line(5)
    line.note(live(trades([900])), 5, now=0)
    line.begin_filling()
    line.filled(500, now=0, full=True)
    assert line.wants_rest(now=0)
    line.begin_filling()
    line.filled(899, now=0, full=False)
    assert ids(line.take(899, now=0)) == [900]


def test_a_full_page_that_reaches_the_live_trades_is_the_last(trades: MakeTrades) -> None:
    """A pair that trades faster than REST gives would never have done with it otherwise."""
    line = subscribed_line(5)
    line.note(live(trades([900])), 5, now=0)
    line.begin_filling()
    line.note(live(trades([901, 902])), 5, now=0)
    line.filled(901, now=0, full=True)
    assert ids(line.take(901, now=0)) == [900, 901, 902]
    assert not line.wants_rest(now=3.9)


def test_a_break_makes_what_was_live_before_it_tell_nothing(trades: MakeTrades) -> None:
    """Pages are asked for until one is level, or reaches the new subscription's first trade."""
    line = subscribed_line(5)
    line.note(live(trades([9])), 5, now=0)
    line.note(Broken([BTC]), 5, now=0)
    line.note(Subscribed(BTC), 5, now=1)
    line.begin_filling()
    line.filled(500, now=1, full=True)
    assert line.wants_rest(now=1)


def test_a_rest_that_lags_is_asked_again_a_little_later(trades: MakeTrades) -> None:
    """Not immediately: it would still lag."""
    line = subscribed_line(5)
    line.note(live(trades([9])), 5, now=0)
    line.begin_filling()
    line.filled(7, now=0, full=False)
    assert not line.wants_rest(now=0.9)
    assert line.wants_rest(now=1)


def test_what_cannot_be_read_is_asked_of_rest(trades: MakeTrades) -> None:
    """REST says what is a trade and what goes to the dead letters."""
    line = subscribed_line(5)
    with structlog.testing.capture_logs() as lines:
        line.note(live(trades([6]), faults=("price: NaN",)), 5, now=0)
    assert [one["because"] for one in lines] == [["price: NaN"]]
    assert ids(line.take(5, now=0)) == [6]
    assert line.wants_rest(now=1)


def test_a_page_under_way_is_not_asked_for_twice() -> None:
    """One a pair at a time."""
    line = TradeSequencer(BTC, 0, now=0)
    line.begin_filling()
    assert not line.wants_rest(now=1000)
    line.end_filling(now=7)
    assert line.wants_rest(now=7)


def test_a_page_tells_nothing_of_what_came_about_after_it_was_asked_for() -> None:
    """A subscription that was made meanwhile is checked by another page."""
    line = TradeSequencer(BTC, 5, now=0)
    line.begin_filling()
    line.note(Subscribed(BTC), 5, now=6)
    line.filled(5, now=7, full=False)
    assert not line.wants_rest(now=10.9)
    assert line.wants_rest(now=11)


@given(
    st.lists(st.lists(st.integers(1, 30), max_size=8), max_size=12),
    st.integers(1, 10),
)
def test_whatever_comes_in_whatever_order_goes_out_in_one_row(
    trades: MakeTrades, batches: list[list[int]], recorded: int
) -> None:
    """Rising by one each time; what is held back makes REST be asked."""
    line = subscribed_line(recorded)
    seen: set[int] = set()
    for batch in batches:
        line.note(live(trades(batch)), recorded, now=0)
        seen |= set(batch)
        written = [one for one in ids(line.take(recorded, now=0)) if one > recorded]
        assert written == list(range(recorded + 1, recorded + 1 + len(written)))
        recorded += len(written)
        assert recorded + 1 not in seen
        assert line.wants_rest(now=0) == any(one > recorded for one in seen)
