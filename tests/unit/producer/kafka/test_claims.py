"""The newest producer of a pair works; the one before notices and stops."""

from collections.abc import Iterable
from types import SimpleNamespace

import pytest
import structlog
from confluent_kafka import KafkaError

from producer.errors import PairClaimed, TopicUnusable
from producer.kafka.claims import Claim, Claims
from producer.kafka.records import Records
from tests.unit.producer.fake_cluster import FakeMessage


class ClaimsTopic:
    """A topic in memory, whose readers see what has been written; a connection to it as well."""

    name = "t.claims"

    def __init__(self) -> None:
        self.log: list[FakeMessage] = []
        self.followers = 0

    def write(self, batches: Iterable[Records]) -> None:
        """As a transaction does."""
        for one in batches:
            assert one.topic == self.name
            for value in one.values:
                self.log.append(FakeMessage(len(self.log), one.key, value))

    def read(self) -> list[FakeMessage]:
        """All of it."""
        return [*self.log]

    def ends(self) -> dict[int, int]:
        """Where it ends now."""
        return {0: len(self.log)}

    def consumer(self, config: dict[str, object]) -> "Tail":
        """A reader that follows."""
        assert config["isolation.level"] == "read_committed"
        self.followers += 1
        return Tail(self.log)


class Tail:
    """A consumer of one partition."""

    def __init__(self, log: list[FakeMessage]) -> None:
        self._log = log
        self._at = 0

    def assign(self, places: list[SimpleNamespace]) -> None:
        """Where it begins."""
        self._at = places[0].offset

    def consume(self, most: int, timeout: float) -> list[FakeMessage]:
        """What has come."""
        assert timeout == 0
        some = self._log[self._at : self._at + most]
        self._at += len(some)
        return some


@pytest.fixture
def topic() -> ClaimsTopic:
    """There are no claims."""
    return ClaimsTopic()


def producer(topic: ClaimsTopic, name: str, *keys: str) -> Claims:
    """One that has claimed some keys."""
    claims = Claims(topic, topic, Claim.ours(name))
    claims.take(keys, topic.write)
    return claims


def test_the_newer_of_two_goes_on_and_the_older_stops(topic: ClaimsTopic) -> None:
    """The sentence names the pair and the other one."""
    older = producer(topic, "one", "BTC/USD", "ETH/USD")
    older.check()
    newer = producer(topic, "two", "ETH/USD")
    with pytest.raises(PairClaimed, match=r"ETH/USD .* \(transactional.id two, process \d+ on "):
        older.check()
    newer.check()
    newer.confirm()


def test_the_older_one_notices_before_it_takes_its_id_again(topic: ClaimsTopic) -> None:
    """From all claims, although it had been sent none of them yet."""
    older = producer(topic, "one", "BTC/USD")
    producer(topic, "two", "BTC/USD")
    with pytest.raises(PairClaimed, match="BTC/USD"):
        older.confirm()


def test_whoever_claims_at_the_same_time_is_older_or_newer(topic: ClaimsTopic) -> None:
    """Both follow from before both claims; the offsets decide, and one of them goes on."""
    one, two = (Claims(topic, topic, Claim.ours(name)) for name in ("one", "two"))
    written: list[Records] = []
    one.take(["BTC/USD"], written.extend)
    two.take(["BTC/USD"], written.extend)
    topic.write(written)
    two.check()
    with pytest.raises(PairClaimed, match="two"):
        one.check()


@pytest.mark.parametrize("other", ["ETH/USD", "backfill/BTC/USD/2026-01-01/2026-01-02"])
def test_other_pairs_and_lanes_are_no_rivals(topic: ClaimsTopic, other: str) -> None:
    """Each goes on."""
    live, beside = producer(topic, "one", "BTC/USD"), producer(topic, "two", other)
    for claims in (live, beside):
        claims.check()
        claims.confirm()


def test_a_claim_of_the_past_counts_for_nothing(topic: ClaimsTopic) -> None:
    """A producer that starts again takes over from itself, also when its claim was not written."""
    producer(topic, "one", "BTC/USD")
    again = producer(topic, "one", "BTC/USD")
    again.check()
    again.confirm()
    unwritten = Claims(topic, topic, Claim.ours("one"))
    unwritten.take(["BTC/USD"], lambda _: None)
    unwritten.confirm()


def test_a_record_that_is_no_claim_is_left_alone(topic: ClaimsTopic) -> None:
    """Any other record, and a tombstone."""
    claims = producer(topic, "one", "BTC/USD")
    for value in (b"{}", b"\xff", None):
        topic.log.append(FakeMessage(len(topic.log), b"BTC/USD", value))
    claims.check()
    claims.confirm()


def test_a_producer_without_pairs_follows_nothing(topic: ClaimsTopic) -> None:
    """No connection is opened for it."""
    claims = producer(topic, "one")
    claims.check()
    claims.confirm()
    assert topic.followers == 0


@pytest.mark.parametrize(
    "code", [KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED]
)
def test_whoever_may_not_read_claims_any_more_stops(topic: ClaimsTopic, code: int) -> None:
    """A right that was taken away does not come back, and a rival would go unnoticed."""
    claims = producer(topic, "one", "BTC/USD")
    topic.log.append(FakeMessage(error_=KafkaError(code)))
    with pytest.raises(TopicUnusable, match=r"t\.claims cannot be read any more .* give our user"):
        claims.check()


def test_claims_that_cannot_be_read_are_logged_once_for_each_error(topic: ClaimsTopic) -> None:
    """The topic may have been deleted, or a broker is away; later claims are still seen."""
    claims = producer(topic, "one", "BTC/USD")
    gone, away = KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.LEADER_NOT_AVAILABLE
    topic.log += [FakeMessage(error_=KafkaError(code)) for code in (gone, gone, away)]
    with structlog.testing.capture_logs() as lines:
        claims.check()
        topic.log.append(FakeMessage(error_=KafkaError(gone)))
        claims.check()
    assert [line["event"] for line in lines] == ["claims_not_read"] * 2
    producer(topic, "two", "BTC/USD")
    with pytest.raises(PairClaimed, match="two"):
        claims.check()
