"""How long to wait if Kraken does not answer about missing ids."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Semaphore

from producer.ingest.gap_back_off import GapBackOff
from producer.ingest.gap_filler import GapFiller
from producer.kafka.publisher import Publisher
from producer.kraken.pairs import KrakenPair
from producer.model.page import TradesPage
from producer.model.venue_errors import AccessDenied, Unavailable, UnknownPair, VenueError
from tests.unit.producer.fake_feed import BTC, ETH
from tests.unit.producer.fake_kafka import FakeKafka
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime
from tests.unit.producer.ingest.test_poller_gaps import MakePoller, MakeTrades, run_for

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = 3600


def waits(error: VenueError) -> list[float]:
    """Seconds from each of ten failures of one pair to the next question."""
    back_off, now, found = GapBackOff(15.0), NOW, []
    for _ in range(10):
        found.append(back_off.failed(BTC, error, now))
        now += timedelta(seconds=found[-1])
        assert back_off.allows(BTC, now)
    return found


def test_the_waits_grow_as_long_as_the_failure_is_likely_to_last() -> None:
    """A minute for an outage, a quarter of an hour for a firewall or a pair that is refused."""
    assert 40 <= max(waits(Unavailable("busy"))) <= 60
    assert 600 <= max(waits(AccessDenied("403"))) <= 900
    assert 600 <= max(waits(UnknownPair("delisted"))) <= 900
    assert waits(AccessDenied("403"))[0] < 20


def test_what_is_about_the_address_holds_back_all_pairs() -> None:
    """What is about one pair holds back that one; an answer ends the wait of its own pair."""
    back_off = GapBackOff(15.0)
    back_off.failed(BTC, UnknownPair("delisted"), NOW)
    assert (back_off.allows(BTC, NOW), back_off.allows(ETH, NOW)) == (False, True)
    back_off.succeeded(BTC)
    assert back_off.allows(BTC, NOW)
    first = back_off.failed(BTC, AccessDenied("403"), NOW)
    assert (back_off.allows(BTC, NOW), back_off.allows(ETH, NOW)) == (False, False)
    assert back_off.failed(ETH, AccessDenied("403"), NOW) == first


def test_a_shield_is_hardly_asked_for_missing_ids(
    kafka: FakeKafka, poll: MakePoller, trades: MakeTrades, time: FakeTime
) -> None:
    """A firewall blocks the address for longer if calls continue; recording goes on meanwhile."""
    kraken = DeniesQuestions({"BTC/USD": trades([1, 2, 4])}, by_time=True)
    run_for(poll(kraken, BTC), kraken, time, HOUR)
    assert 5 <= kraken.denied <= 15
    assert kafka.committed("t.holes") == []


def test_questions_that_have_not_begun_are_taken_back(
    publisher: Publisher, trades: MakeTrades, time: FakeTime
) -> None:
    """Where the first one shows that the address may not call."""
    pairs = [KrakenPair(f"P{one}", f"P{one}/USD", "", f"P{one}/USD") for one in range(5)]
    for pair in pairs:
        rows = tuple(trades([1, 3], symbol=pair.symbol))
        publisher.publish_together({pair.symbol: TradesPage(rows, (), "3", 2)})
    kraken, time.now = Slow(), 60.0
    with ThreadPoolExecutor(1) as pool:
        gaps = GapFiller(kraken, publisher, pairs, pool=pool, now=time.utc)
        gaps.turn()
        assert len(gaps._asking) == len(pairs)
        kraken.answers.release()
        while len(gaps._asking) > 1:
            gaps.turn()
        kraken.answers.release(len(pairs))
        while gaps.asking:
            gaps.turn()
    assert len(kraken.asked) <= 2


class DeniesQuestions(FakeKraken):
    """A Kraken whose firewall blocks each call for older pages than the newest."""

    denied = 0

    def trades(self, pair: KrakenPair, since: str | None) -> TradesPage:
        """The newest page, or 403."""
        last = super().trades(pair, None).last
        if since not in (None, last):
            self.denied += 1
            raise AccessDenied("403")
        return super().trades(pair, since)


class Slow:
    """A Kraken whose firewall answers slowly."""

    def __init__(self) -> None:
        self.answers = Semaphore(0)
        self.asked: list[str] = []

    def trades(self, pair: KrakenPair, since: str | None) -> TradesPage:
        """403, once it may."""
        self.asked.append(pair.symbol)
        self.answers.acquire(timeout=60)
        raise AccessDenied(f"403 for {since}")
