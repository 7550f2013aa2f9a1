"""What changes in Kraken's listing while pairs are recorded by rule."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import structlog

from producer.ingest.listing_watch import Listed, ListingChange, ListingWatch
from producer.kraken.pairs import TOKENIZED, KrakenPair
from producer.model.pair import Pair
from producer.model.venue_errors import RequestRefused, Unreachable, VenueError
from tests.unit.producer.fake_feed import BTC, ETH, Later

NEW = KrakenPair("NEWUSD", "NEW/USD", "NEWUSD", "NEW/USD")
SHARE = replace(NEW, key="AAPLxUSD", asset_class=TOKENIZED)
NOTHING = ListingChange()


@dataclass
class Kraken:
    """What Kraken lists; every pair is one that the rules bring."""

    pairs: list[KrakenPair] = field(default_factory=lambda: [BTC, ETH])
    failures: list[VenueError] = field(default_factory=list)
    refused: frozenset[str] = frozenset()
    asked: int = 0

    def look_up(self, recorded: Sequence[Pair]) -> Listed:
        """What it lists now."""
        self.asked += 1
        if self.failures:
            raise self.failures.pop(0)
        known = {pair.key for pair in recorded}
        keys = frozenset(pair.key for pair in self.pairs)
        return Listed([one for one in self.pairs if one.key not in known], keys, self.refused)


def watch(kraken: Kraken, *pairs: KrakenPair, pool: Later | None = None) -> ListingWatch:
    """A watch that asks every ten seconds from second 0 on."""
    return ListingWatch(kraken.look_up, pairs or (BTC, ETH), every=10, now=0, pool=pool)


def test_a_new_listing_is_added_once_and_welcomed_before() -> None:
    """The listing is asked for at the interval, not between."""
    kraken, welcomed = Kraken(), list[Pair]()
    watched = ListingWatch(kraken.look_up, [BTC, ETH], every=10, now=0, welcome=welcomed.extend)
    kraken.pairs.append(NEW)
    assert watched.take(9.9) == NOTHING
    assert kraken.asked == 0
    assert watched.take(10) == ListingChange(added=(NEW,))
    assert welcomed == [NEW]
    assert watched.due == 20
    assert watched.take(20) == NOTHING
    assert kraken.asked == 2


def test_a_pair_is_gone_after_two_listings_without_it_and_may_return() -> None:
    """Back ends of Kraken's that disagree for a while change nothing."""
    kraken = Kraken([BTC])
    watched = watch(kraken)
    assert watched.take(10).gone == ()
    kraken.pairs = [BTC, ETH]
    assert watched.take(20) == NOTHING
    kraken.pairs = [BTC]
    changes = [watched.take(now) for now in (30, 40, 50)]
    assert [change.gone for change in changes] == [(), (ETH,), ()]
    kraken.pairs = [BTC, ETH]
    assert watched.take(60) == ListingChange(returned=(ETH,))
    assert watched.take(70) == NOTHING


def test_kraken_away_changes_nothing() -> None:
    """It is asked again at the next turn, and said."""
    kraken = Kraken([], failures=[Unreachable("cut"), RequestRefused("EGeneral")])
    watched = watch(kraken)
    with structlog.testing.capture_logs() as lines:
        assert [watched.take(now) for now in (10, 20)] == [NOTHING, NOTHING]
    assert [line["event"] for line in lines] == ["pairs_not_listed"] * 2


def test_pairs_of_a_class_that_kraken_refuses_to_list_are_not_gone() -> None:
    """Nothing is known of them."""
    kraken = Kraken([], refused=frozenset({TOKENIZED}))
    watched = watch(kraken, BTC, SHARE)
    assert [watched.take(now).gone for now in (10, 20)] == [(), (BTC,)]


def test_a_question_keeps_nobody_waiting_and_adds_nothing_twice() -> None:
    """A pair that was found in another way meanwhile is not new."""
    kraken, pool = Kraken([BTC, ETH, NEW]), Later()
    watched = watch(kraken, pool=pool)
    assert watched.take(10) == NOTHING
    watched.note([NEW])
    pool.work()
    assert watched.take(10.1) == NOTHING
