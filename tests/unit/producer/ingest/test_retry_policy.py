"""When Kraken is asked again, by what the failure was about."""

from itertools import pairwise

import pytest
import structlog

from producer.errors import PairParked, VenueGaveUp, VenueStalled
from producer.ingest.parking import Parking
from producer.ingest.retry_policy import Failure, RetryPolicy
from producer.model.venue_errors import (
    AccessDenied,
    PairRefused,
    ServerFailed,
    Unavailable,
    UnknownPair,
    Unreachable,
)
from runtime.shutdown import StopRequest

ERROR = Unavailable("EService:Unavailable")


class Waits(StopRequest):
    """Remembers its waits instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, seconds: float) -> bool:
        """Pass at once."""
        self.seconds.append(seconds)
        return False


def waits_of(error: Failure, times: int, symbol: str = "A") -> list[float]:
    """How long a pair is not asked for after each of this many failures in a row."""
    retries, now, waits = RetryPolicy(), 0.0, []
    for _ in range(times):
        retries.failed(symbol, error, now)
        waits.append(round(retries.due(symbol) - now, 6))
        now = retries.due(symbol)
    return waits


def test_waits_grow_to_a_minute_and_no_further() -> None:
    """Half a second at first, then longer, for ever."""
    waits = waits_of(Unreachable("cut"), 12)
    assert 0.375 <= waits[0] <= 0.5
    assert all(later > earlier for earlier, later in pairwise(waits[:7]))
    assert all(45 <= seconds <= 60 for seconds in waits[8:])


def test_success_starts_the_row_anew() -> None:
    """The next failure is the first one again."""
    retries = RetryPolicy(most_failures=3)
    for now in (0.0, 100.0, 200.0):
        retries.failed("A", ERROR, now)
        assert retries.due("A") <= now + 0.5
        retries.failed("A", ERROR, now + 10)
        retries.succeeded("A")
    assert not retries.gave_up("A")


def test_a_run_that_is_meant_to_end_gives_up() -> None:
    """The last failure is named, and no time is lost after it."""
    stop, retries = Waits(), RetryPolicy(most_failures=2)
    retries.wait_out(ERROR, stop)
    with pytest.raises(VenueGaveUp, match="2 times in a row, last with: EService:Unavailable"):
        retries.wait_out(ERROR, stop)
    assert len(stop.seconds) == 1


@pytest.mark.parametrize("error", [Unreachable("cut"), ServerFailed("502"), AccessDenied("403")])
def test_a_failure_about_the_address_holds_every_pair_back(error: Failure) -> None:
    """The other pairs would fail as well."""
    retries = RetryPolicy()
    retries.failed("A", error, now=0)
    assert retries.due("B") == retries.due("A") > 0


@pytest.mark.parametrize(
    "error", [ERROR, VenueStalled("full"), UnknownPair("EQuery"), PairParked("A", "so", "do")]
)
def test_a_failure_of_one_pair_holds_no_other_back(error: Failure) -> None:
    """However often it comes."""
    retries = RetryPolicy()
    for now in range(0, 10_000, 100):
        retries.failed("A", error, now)
    assert retries.due("A") > 9_900
    assert retries.due("B") < 0


def test_several_pairs_that_fail_in_a_row_mean_the_address() -> None:
    """Three, with no answer between them; an answer in between starts over."""
    retries = RetryPolicy()
    for symbol in "ABC":
        assert retries.due("D") < 0
        retries.failed(symbol, ERROR, now=0)
    assert retries.due("D") > 0
    retries = RetryPolicy()
    for symbol in "ABC":
        retries.failed(symbol, ERROR, now=0)
        retries.succeeded("D")
    assert retries.due("D") < 0


def test_a_shield_is_left_alone_for_long_and_loudly() -> None:
    """From half a minute to a quarter of an hour, each time an error in the log."""
    with structlog.testing.capture_logs() as lines:
        waits = waits_of(AccessDenied("403"), 10)
    assert waits[0] >= 20
    assert 600 < waits[-1] <= 900
    assert {(line["event"], line["log_level"]) for line in lines} == {
        ("venue_denies_access", "error")
    }


def test_a_refused_pair_is_asked_for_after_seconds_and_then_up_to_an_hour() -> None:
    """What passes does so soon; what does not costs a call an hour."""
    waits = waits_of(PairRefused("EGeneral:Invalid arguments"), 15)
    assert waits[0] <= 6.25
    assert all(2700 <= seconds <= 3600 for seconds in waits[-3:])


def test_a_pair_that_fails_again_and_again_is_parked() -> None:
    """After about a minute it is no hiccup any more."""
    parking = Parking()
    retries, now = RetryPolicy(parking=parking), 0.0
    for tries in range(8):
        assert ("A" in parking.parked) == (tries == 8)
        retries.failed("A", ERROR, now)
        now = retries.due("A")
    assert "8 times in a row" in parking.parked["A"].reason
    retries.succeeded("A")
    assert parking.parked == {}


def test_a_run_that_is_meant_to_end_names_what_it_could_not_finish() -> None:
    """After a few tries; the pairs that are finished are not held against it."""
    retries = RetryPolicy(most_failures=5)
    for now in (0.0, 100.0, 200.0):
        assert not retries.gave_up("A")
        retries.failed("A", UnknownPair("EQuery:Unknown asset pair"), now)
    assert retries.gave_up("A")
    retries.refuse_unfinished(["B"])
    with pytest.raises(VenueGaveUp, match=r"A \(3 times.*EQuery:Unknown asset pair.*KRAKEN_PAIR"):
        retries.refuse_unfinished(["A"])


def test_a_pair_whose_reason_to_wait_is_gone_is_asked_soon() -> None:
    """Its wait ends; that of the address does not."""
    retries = RetryPolicy()
    retries.failed("A", PairRefused("EQuery:Unknown asset pair"), now=0)
    assert retries.due("A") > 0
    retries.ask_soon("A")
    assert retries.due("A") == float("-inf")
    retries.failed("B", AccessDenied("403"), now=0)
    retries.ask_soon("A")
    assert retries.due("A") > 0
