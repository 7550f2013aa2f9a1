from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from producer.kraken.rest.pacing import Pacer
from runtime.back_off import BackOff


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    """A clock at an odd hour."""
    return Time()


@pytest.fixture
def pacer(time: Time) -> Pacer:
    """One call a second, back-offs of 2, 4, 8 and 10 seconds."""
    back_off = BackOff(first=2.0, most=10.0, spread=(1.0, 1.25))
    return Pacer(1.0, back_off=back_off, clock=time.clock, sleep=time.sleep)


def test_the_first_call_goes_at_once(pacer: Pacer, time: Time) -> None:
    """Nothing was called before it."""
    pacer.wait("A")
    assert time.slept == []


def test_calls_for_one_pair_keep_the_interval(pacer: Pacer, time: Time) -> None:
    """The wait is what is left of the interval."""
    pacer.wait("A")
    time.now += 0.25
    pacer.wait("A")
    pacer.wait("A")
    assert time.slept == [0.75, 1.0]


def test_threads_that_make_the_same_call_have_a_turn_each() -> None:
    """However many wait: missing ids are requested while the newest trades of a pair are, too."""
    slept: list[float] = []
    all_wait = Barrier(3)

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        all_wait.wait(10)

    pacer = Pacer(1.0, clock=lambda: 1000.0, sleep=sleep)
    pacer.wait("A")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(pacer.wait, "AAA"))
    assert sorted(slept) == [1.0, 2.0, 3.0]


def test_a_slow_caller_does_not_wait(pacer: Pacer, time: Time) -> None:
    """The interval is between calls, not a delay before each."""
    pacer.wait("A")
    time.now += 5.0
    pacer.wait("A")
    assert time.slept == []


def test_pairs_do_not_wait_for_each_other(pacer: Pacer, time: Time) -> None:
    """Kraken counts by pair."""
    for pair in "ABC":
        pacer.wait(pair)
    assert time.slept == []


def test_a_rate_limit_holds_back_all_pairs(pacer: Pacer, time: Time) -> None:
    """Kraken counts by address too: no pair is called before the back-off is over."""
    pacer.wait("A")
    held_back = pacer.rate_limited()
    pacer.wait("B")
    pacer.wait("C")
    assert time.slept == [pytest.approx(held_back)]
    assert held_back >= 2.0


def limited_again(pacer: Pacer, time: Time) -> float:
    """Let a call be refused once the delay before is over; return its delay."""
    time.now += 10.0
    return pacer.rate_limited()


def test_the_back_off_grows_to_its_most(pacer: Pacer, time: Time) -> None:
    """It doubles each time in a row, jittered upwards by at most a quarter."""
    held_back = [limited_again(pacer, time) for _ in range(2000)]
    for seconds, least in zip(held_back[:3], (2.0, 4.0, 8.0), strict=True):
        assert least <= round(seconds, 6) <= min(least * 1.25, 10.0)
    assert {round(seconds, 6) for seconds in held_back[3:]} == {10.0}


def test_a_success_ends_the_row(pacer: Pacer, time: Time) -> None:
    """The next rate limit starts small again."""
    limited_again(pacer, time)
    limited_again(pacer, time)
    time.now += 10.0
    pacer.succeeded()
    assert pacer.rate_limited() <= 2.5


def test_a_limit_of_several_calls_counts_once(pacer: Pacer, time: Time) -> None:
    """Sixteen calls are under way, Kraken limits the address, and every call is refused."""
    held_back = pacer.rate_limited()
    time.now += 0.25
    assert [pacer.rate_limited() for _ in range(15)] == [0.0] * 15
    pacer.wait("A")
    assert time.now == pytest.approx(1000.0 + held_back)
    assert limited_again(pacer, time) < 5.0


def test_a_longer_wait_prolongs_the_delay_and_a_shorter_one_does_not(
    pacer: Pacer, time: Time
) -> None:
    """Whatever the order in which the answers of one limit arrive."""
    pacer.rate_limited(asked_wait=5.0)
    assert pacer.rate_limited(asked_wait=8.0) == pytest.approx(3.0)
    assert pacer.rate_limited(asked_wait=6.0) == 0.0
    assert pacer.rate_limited(asked_wait=1000.0) == pytest.approx(2.0)
    pacer.wait("A")
    assert time.now == pytest.approx(1010.0)


def test_an_answer_to_a_call_from_before_the_limit_does_not_end_the_row(
    pacer: Pacer, time: Time
) -> None:
    """It was under way when Kraken began to refuse."""
    pacer.rate_limited()
    pacer.succeeded()
    assert limited_again(pacer, time) >= 4.0


def test_a_limit_holds_back_calls_that_wait_already(time: Time) -> None:
    """They look again after their sleep, and then have a turn each."""
    limits = [8.0, 0.0]

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        if limits:
            pacer.rate_limited(asked_wait=limits.pop(0))

    pacer = Pacer(1.0, clock=time.clock, sleep=sleep)
    pacer.wait("A")
    pacer.wait("A")
    assert time.now >= 1000.0 + 1.0 + 8.0
    called_at = time.now
    pacer.wait("A")
    assert time.now == pytest.approx(called_at + 1.0)


def test_a_stop_ends_the_wait_although_a_limit_came_meanwhile(time: Time) -> None:
    """Every sleep returns at once then, and none follows without another limit."""
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        if not naps:
            pacer.rate_limited(asked_wait=60.0)
        naps.append(seconds)

    pacer = Pacer(1.0, clock=time.clock, sleep=sleep)
    pacer.wait("A")
    pacer.wait("A")
    assert naps == [1.0, 60.0]


@pytest.mark.parametrize(
    ("asked_wait", "seconds"), [(7.0, 7.0), (1000.0, 10.0)], ids=["kept to", "up to the most"]
)
def test_a_wait_that_kraken_asks_for_is_kept(
    pacer: Pacer, asked_wait: float, seconds: float
) -> None:
    """A clock that is off cannot stop the program for hours."""
    assert pacer.rate_limited(asked_wait=asked_wait) == seconds


def test_a_wait_asked_for_in_the_past_shortens_nothing(pacer: Pacer) -> None:
    """The own back-off holds."""
    assert pacer.rate_limited(asked_wait=-5.0) >= 2.0


def test_a_sleep_that_returns_early_ends_the_wait(time: Time) -> None:
    """A stop request is not delayed, nor does it spin."""
    naps: list[float] = []
    pacer = Pacer(60.0, clock=time.clock, sleep=naps.append)
    pacer.wait("A")
    pacer.wait("A")
    assert naps == [60.0]
