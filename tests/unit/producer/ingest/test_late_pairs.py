"""Names that Kraken does not list at the start."""

from dataclasses import dataclass, field

import structlog

from producer.ingest.late_pairs import LatePairs
from producer.ingest.retry_policy import RetryPolicy
from producer.kraken.pairs import KrakenPair
from producer.model.pair import PairChoice
from producer.model.venue_errors import PairRepeated, UnknownPair, Unreachable, VenueError
from tests.unit.producer.fake_feed import BTC, ETH, Later

UNKNOWN = {"ETH/USD": UnknownPair("Kraken trades no pair named 'ETH/USD'")}


@dataclass
class Listing:
    """What Kraken lists, as a look-up gives it."""

    pairs: dict[str, KrakenPair] = field(default_factory=lambda: {"BTC/USD": BTC})
    failures: list[VenueError] = field(default_factory=list)
    asked: int = 0

    def look_up(self) -> PairChoice:
        """All names."""
        self.asked += 1
        if self.failures:
            raise self.failures.pop(0)
        return PairChoice(self.pairs, {k: e for k, e in UNKNOWN.items() if k not in self.pairs})


def late_pairs(listing: Listing, pool: Later | None = None) -> tuple[LatePairs, RetryPolicy]:
    """ETH/USD is parked since the start."""
    retries = RetryPolicy()
    retries.failed("ETH/USD", UNKNOWN["ETH/USD"], now=0)
    return LatePairs(UNKNOWN, listing.look_up, retries, pool), retries


def test_a_name_is_looked_up_again_until_kraken_lists_it() -> None:
    """Less and less often; then the pair is handed out once, and resumed."""
    listing = Listing()
    late, _ = late_pairs(listing)
    assert late.take(now=1) == []
    assert late.take(now=late.due) == []
    assert (listing.asked, late.missing) == (1, ["ETH/USD"])
    listing.pairs = {"BTC/USD": BTC, "ETH/USD": ETH}
    assert late.take(now=late.due) == [ETH]
    assert late.take(now=1e9) == []
    assert listing.asked == 2
    assert late.due == float("inf")


def test_kraken_away_or_settings_that_clash_end_nothing() -> None:
    """The name stays parked with what went wrong."""
    listing = Listing(failures=[Unreachable("cut"), PairRepeated("the same pair")])
    late, _ = late_pairs(listing)
    with structlog.testing.capture_logs() as lines:
        for _ in range(2):
            assert late.take(now=late.due) == []
    assert [line["event"] for line in lines] == ["venue_failed", "pair_parked"]


def test_a_look_up_keeps_nobody_waiting() -> None:
    """It runs in a pool, and its answer is taken when it has come."""
    listing, pool = Listing({"ETH/USD": ETH}), Later()
    late, _ = late_pairs(listing, pool)
    now = late.due
    assert late.take(now) == []
    assert late.take(now) == []
    pool.work()
    assert listing.asked == 1
    assert late.take(now) == [ETH]
