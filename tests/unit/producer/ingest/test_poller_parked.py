"""One pair that Kraken refuses, and others that are recorded meanwhile."""

from collections.abc import Callable

import pytest
import structlog

from producer.errors import PairParked, VenueGaveUp
from producer.ingest.poller import Poller
from producer.model.trade import Trade
from producer.model.venue_errors import PairRefused, UnknownPair, UnknownRowShape
from tests.unit.producer.fake_feed import BTC, ETH
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime

MakeTrades = Callable[..., list[Trade]]
Ids = Callable[[str], list[int]]

REFUSALS = [
    UnknownPair("EQuery:Unknown asset pair"),
    PairRefused("EGeneral:Invalid arguments"),
    UnknownRowShape("row 3 has six fields"),
    PairParked("BTC/USD", "its ids begin anew", "accept it"),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: type(refusal).__name__)
def test_a_refused_pair_stops_no_other_and_goes_on_by_itself(
    poll: Callable[..., Poller], trades: MakeTrades, time: FakeTime, ids: Ids, refusal: Exception
) -> None:
    """It is asked for again less and less often; what it missed comes with its first answer."""
    kraken = FakeKraken(
        {"BTC/USD": trades([1, 2]), "ETH/USD": trades([7, 8], "ETH/USD")},
        refused={"BTC/USD": refusal},
    )

    def kraken_gives_in_after_a_minute() -> None:
        if time.now > 60:
            kraken.refused.clear()
        if time.now > 200:
            time.make()

    kraken.on_call = kraken_gives_in_after_a_minute
    with structlog.testing.capture_logs() as lines:
        poll(kraken, BTC, ETH).run()
    assert ids("BTC/USD") == [1, 2]
    assert ids("ETH/USD") == [7, 8]
    events = [line["event"] for line in lines if line["event"].startswith("pair_")]
    assert events[0] == "pair_parked"
    assert events[-1] == "pair_resumed"
    asked = [symbol for symbol, _ in kraken.asked]
    assert asked.count("ETH/USD") == pytest.approx(200 / 5, abs=3)


def test_catching_up_finishes_the_others_and_names_the_refused_pair(
    poll: Callable[..., Poller], trades: MakeTrades, ids: Ids
) -> None:
    """It does not end as if all were there."""
    kraken = FakeKraken(
        {"BTC/USD": trades([1]), "ETH/USD": trades(range(1, 8), "ETH/USD")},
        from_start=True,
        refused={"BTC/USD": UnknownPair("EQuery:Unknown asset pair")},
    )
    with pytest.raises(VenueGaveUp, match=r"BTC/USD \(3 times.*Unknown asset pair.*KRAKEN_PAIR"):
        poll(kraken, BTC, ETH, most_failures=8).catch_up()
    assert ids("ETH/USD") == [1, 2, 3, 4, 5, 6, 7]
