from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from producer.cli.kraken_access import choose_pairs, open_kraken
from producer.errors import VenueGaveUp
from producer.ingest.retry_policy import RetryPolicy
from producer.kraken.pairs import KrakenPair
from producer.model.pair import PairChoice
from producer.model.venue_errors import Unreachable, VenueError
from producer.settings import ProducerSettings
from runtime.shutdown import StopRequest

PAIR = KrakenPair("XXBTZUSD", "XBT/USD", "XBTUSD", "BTC/USD")


@dataclass
class FakePairs:
    """A Kraken that knows one pair."""

    failures: list[VenueError] = field(default_factory=list)
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def find_pairs(self, names: Sequence[str]) -> list[KrakenPair]:
        """The pair."""
        self.asked.append(tuple(names))
        if self.failures:
            raise self.failures.pop(0)
        return [PAIR]


class NoWait(StopRequest):
    """Waits that pass at once."""

    def wait(self, seconds: float) -> bool:
        """Say whether the stop was asked for."""
        return super().wait(seconds * 0)


def test_pairs_are_resolved_under_their_labels() -> None:
    """Kraken is asked for what the settings name."""
    stop, kraken = NoWait(), FakePairs()
    settings = ProducerSettings(kraken_pair="XBT/USD", symbol="MY_COIN")
    (pair,) = choose_pairs(kraken, settings, stop, RetryPolicy()).pairs.values()
    assert (pair.key, pair.symbol) == ("XXBTZUSD", "MY/COIN")
    assert kraken.asked == [("XBT/USD",)]


def test_a_kraken_that_is_away_is_waited_for() -> None:
    """The start does not fail for it."""
    stop, kraken = NoWait(), FakePairs(failures=[Unreachable("refused")] * 20)
    choice = choose_pairs(kraken, ProducerSettings(), stop, RetryPolicy())
    assert choice.pairs == {"BTC/USD": PAIR}


def test_a_bounded_start_gives_up() -> None:
    """A run that is meant to end does."""
    stop, kraken = NoWait(), FakePairs(failures=[Unreachable("refused")] * 20)
    with pytest.raises(VenueGaveUp, match="refused"):
        choose_pairs(kraken, ProducerSettings(), stop, RetryPolicy(3))


def test_a_stop_ends_the_wait_for_kraken() -> None:
    """Then there is nothing to poll."""
    stop, kraken = NoWait(), FakePairs()
    stop.make()
    assert choose_pairs(kraken, ProducerSettings(), stop, RetryPolicy()) == PairChoice({}, {})
    assert kraken.asked == []


def test_kraken_is_tried_once_a_call() -> None:
    """Trying again is the loop's, whose waits a stop ends."""
    settings = ProducerSettings(kraken_api_url="http://127.0.0.1:9", kraken_call_interval_seconds=0)
    with open_kraken(settings, StopRequest()) as kraken, pytest.raises(Unreachable):
        kraken.system_status()
