from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import structlog

from producer.errors import VenueGaveUp
from producer.ingest.poller import Poller
from producer.kraken.pairs import KrakenPair
from producer.model.trade import Trade
from producer.model.venue_errors import AddressRefused, Unavailable
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime

MakeTrades = Callable[..., list[Trade]]

BTC = KrakenPair("XXBTZUSD", "XBT/USD", "XBTUSD", "BTC/USD")
ETH = KrakenPair("XETHZUSD", "ETH/USD", "ETHUSD", "ETH/USD")


def test_pages_that_bring_something_are_followed_at_the_pace_of_calls(
    poll: Callable[..., Poller], trades: MakeTrades, time: FakeTime, ids: Callable[[str], list[int]]
) -> None:
    """Until one brings nothing: only that page is the last, however few rows others have."""
    kraken = FakeKraken({"BTC/USD": trades(range(1, 8))}, from_start=True)
    poll(kraken, BTC).catch_up()
    assert ids("BTC/USD") == [1, 2, 3, 4, 5, 6, 7]
    assert kraken.asked == [("BTC/USD", None), ("BTC/USD", "3"), ("BTC/USD", "6"), ("BTC/USD", "7")]
    assert time.waits == [0.0, 1.0, 1.0, 1.0]


def test_a_pair_that_is_level_is_asked_at_the_interval(
    poll: Callable[..., Poller], trades: MakeTrades, time: FakeTime
) -> None:
    """After a page that brought nothing, the poll interval counts, from call to call."""
    kraken = FakeKraken({"BTC/USD": trades([1])})

    def fourth_call_stops() -> None:
        time.now += 2.0
        if len(kraken.asked) == 3:
            time.make()

    kraken.on_call = fourth_call_stops
    poll(kraken, BTC).run()
    assert len(kraken.asked) == 4
    assert time.waits == [0.0, 0.0, 3.0, 3.0]


def test_a_pair_whose_page_reaches_the_present_is_asked_at_the_interval(
    poll: Callable[..., Poller], trades: MakeTrades, time: FakeTime
) -> None:
    """A pair that trades all the time brings something with each page."""
    fresh = trades(range(990, 1000))
    kraken = FakeKraken({"BTC/USD": fresh}, from_start=True, page_size=1)

    def fourth_call_stops() -> None:
        if len(kraken.asked) == 3:
            time.make()

    kraken.on_call = fourth_call_stops
    poll(kraken, BTC).run()
    # Up to 10 s old at first, then 5 s and less, which is the interval.
    assert time.waits == [0.0, 1.0, 1.0, 1.0]


def test_catching_up_ends_where_a_page_reaches_the_start_of_the_run(
    poll: Callable[..., Poller], trades: MakeTrades, now: datetime
) -> None:
    """A pair that trades all the time never has an empty page."""
    kraken = FakeKraken({"BTC/USD": trades(range(990, 1000))}, from_start=True, page_size=5)
    poller = poll(kraken, BTC)
    poller._now = lambda: now - timedelta(seconds=6)
    poller.catch_up()
    assert len(kraken.asked) == 1


def test_pairs_take_turns_by_when_they_are_due(
    poll: Callable[..., Poller], trades: MakeTrades, ids: Callable[[str], list[int]]
) -> None:
    """A pair with many pages does not keep another one waiting."""
    every = {"BTC/USD": trades(range(1, 10)), "ETH/USD": trades([5], "ETH/USD")}
    kraken = FakeKraken(every, from_start=True)
    poll(kraken, BTC, ETH).catch_up()
    first_letters = [symbol[0] for symbol, _ in kraken.asked]
    assert first_letters == ["B", "E", "B", "E", "B", "B"]
    assert ids("BTC/USD") == list(range(1, 10))
    assert ids("ETH/USD") == [5]


def test_catching_up_ends_with_a_page_that_brings_nothing(
    poll: Callable[..., Poller], trades: MakeTrades, ids: Callable[[str], list[int]]
) -> None:
    """Also where every page is short; a pair that has caught up is not asked again."""
    kraken = FakeKraken({"BTC/USD": trades(range(1, 6))}, from_start=True, page_size=2, short=True)
    poll(kraken, BTC).catch_up()
    assert ids("BTC/USD") == [1, 2, 3, 4, 5]
    assert len(kraken.asked) == 4


def test_failures_are_waited_out_longer_each_time(
    poll: Callable[..., Poller],
    trades: MakeTrades,
    time: FakeTime,
    ids: Callable[[str], list[int]],
) -> None:
    """The same page is asked for again until it comes."""
    kraken = FakeKraken({"BTC/USD": trades([1, 2])}, failures=[Unavailable("EService")] * 4)
    poll(kraken, BTC).catch_up()
    assert ids("BTC/USD") == [1, 2]
    assert kraken.asked == [("BTC/USD", None)] * 5 + [("BTC/USD", "2")]
    backoffs = [wait for wait in time.waits if wait][:4]
    longest = [0.5, 1.0, 2.0, 4.0]
    assert all(0.75 * most <= w <= most for w, most in zip(backoffs, longest, strict=True))


def test_a_pair_that_fails_keeps_no_other_waiting(
    poll: Callable[..., Poller], trades: MakeTrades
) -> None:
    """After a failure the pairs that are due come first."""
    every = {"BTC/USD": trades([1]), "ETH/USD": trades([1], "ETH/USD")}
    kraken = FakeKraken(every, failures=[Unavailable("EService")])
    poll(kraken, BTC, ETH).catch_up()
    assert [symbol for symbol, _ in kraken.asked][:3] == ["BTC/USD", "ETH/USD", "BTC/USD"]


def test_catching_up_gives_up_after_so_many_failures_in_a_row(
    poll: Callable[..., Poller], trades: MakeTrades
) -> None:
    """A run that is meant to end says what Kraken last said."""
    kraken = FakeKraken({"BTC/USD": trades([1])}, failures=[Unavailable("EService:Busy")] * 3)
    with pytest.raises(VenueGaveUp, match=r"3 times in a row.*EService:Busy"):
        poll(kraken, BTC, most_failures=3).catch_up()


def test_an_answer_ends_the_row_of_failures(
    poll: Callable[..., Poller], trades: MakeTrades, ids: Callable[[str], list[int]]
) -> None:
    """Failures far apart are no reason to give up."""
    kraken = FakeKraken({"BTC/USD": trades(range(1, 10))}, from_start=True)

    def every_second_call_fails() -> None:
        if len(kraken.asked) % 2 == 0:
            kraken.failures.append(Unavailable("EService"))

    kraken.on_call = every_second_call_fails
    poll(kraken, BTC, most_failures=2).catch_up()
    assert ids("BTC/USD") == list(range(1, 10))


def test_what_no_pair_could_go_on_with_ends_the_loop(
    poll: Callable[..., Poller], trades: MakeTrades
) -> None:
    """A wrong address is raised at once."""
    kraken = FakeKraken({"BTC/USD": trades([1])}, failures=[AddressRefused("HTTP 404")])
    with pytest.raises(AddressRefused):
        poll(kraken, BTC).run()


def test_a_full_page_without_anything_new_is_a_failure(
    poll: Callable[..., Poller], trades: MakeTrades
) -> None:
    """Asking on would give the same page for ever, so it counts as no answer."""
    stuck = FakeKraken({"BTC/USD": trades([1, 2])}, page_size=1, inclusive=True, from_start=True)
    with pytest.raises(VenueGaveUp, match="holds nothing new"):
        poll(stuck, BTC, most_failures=2).catch_up()


@pytest.mark.parametrize("way", ["run", "catch_up"])
def test_a_stop_ends_the_loop_after_the_page_at_hand(
    poll: Callable[..., Poller],
    trades: MakeTrades,
    time: FakeTime,
    ids: Callable[[str], list[int]],
    way: str,
) -> None:
    """The page that was being fetched is still written whole; no other is asked for."""
    kraken = FakeKraken({"BTC/USD": trades(range(1, 8))}, from_start=True, on_call=time.make)
    getattr(poll(kraken, BTC), way)()
    assert ids("BTC/USD") == [1, 2, 3]
    assert len(kraken.asked) == 1


def test_a_stop_before_the_first_call_asks_nothing(
    poll: Callable[..., Poller], trades: MakeTrades, time: FakeTime
) -> None:
    """Nothing is begun any more."""
    kraken = FakeKraken({"BTC/USD": trades([1])})
    poller = poll(kraken, BTC)
    time.make()
    poller.run()
    poller.catch_up()
    assert kraken.asked == []


def test_a_poll_with_nothing_new_tells_nothing(
    poll: Callable[..., Poller], trades: MakeTrades, time: FakeTime
) -> None:
    """One line a poll at most, and none for silence."""
    kraken = FakeKraken({"BTC/USD": trades([1])})
    poller = poll(kraken, BTC)

    def fifth_call_stops() -> None:
        if len(kraken.asked) == 4:
            time.make()

    kraken.on_call = fifth_call_stops
    with structlog.testing.capture_logs() as lines:
        poller.run()
    assert [line["event"] for line in lines] == ["recorded"]
