"""What a producer does when Kafka says that another one took over, or that it may have."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import structlog
from confluent_kafka import KafkaError, KafkaException

from producer.errors import PairClaimed, ProducerFenced, TransactionInDoubt
from producer.kafka.records import Records
from producer.kafka.transactions import Transactions
from tests.unit.producer.fake_kafka import FakeKafka

RECORDS = [Records("trades", b"BTC/USD", [b"1"], 1000)]
FENCED = KafkaException(KafkaError(KafkaError.PRODUCER_FENCED, fatal=True))


@dataclass
class FakeRivals:
    """What was asked, and a newer claim once there is one."""

    newer: bool = False
    asked: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Before a transaction."""
        self._ask("check")

    def confirm(self) -> None:
        """Before the id is taken again."""
        self._ask("confirm")

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.newer:
            raise PairClaimed("BTC/USD is recorded by another producer")


@dataclass
class Clock:
    """Jumps this many seconds each time that it is read."""

    step: float = 0.0
    now: float = 0.0

    def __call__(self) -> float:
        """The time."""
        self.now += self.step
        return self.now


@pytest.fixture
def rivals() -> FakeRivals:
    """None yet."""
    return FakeRivals()


@pytest.fixture
def make(kafka: FakeKafka, rivals: FakeRivals) -> Callable[[Clock], Transactions]:
    """Make transactions that Kafka ends after twenty seconds, opened."""

    def make(clock: Clock) -> Transactions:
        transactions = Transactions(
            kafka.connect,
            lambda _: None,
            transactional_id="id",
            timeout_seconds=5.0,
            transaction_seconds=20.0,
            rivals=rivals,
            clock=clock,
        )
        transactions.open()
        return transactions

    return make


def test_a_newer_claim_ends_it_before_anything_is_written(
    kafka: FakeKafka, rivals: FakeRivals, make: Callable[[Clock], Transactions]
) -> None:
    """The records stay unwritten; the other producer writes them."""
    transactions = make(Clock())
    transactions.write(RECORDS)
    rivals.newer = True
    with pytest.raises(PairClaimed):
        transactions.write(RECORDS)
    assert len(kafka.committed("trades")) == 1
    assert rivals.asked == ["check", "check"]


def test_a_fence_within_the_time_of_a_transaction_is_one(
    kafka: FakeKafka, make: Callable[[Clock], Transactions]
) -> None:
    """Kafka had no other reason to refuse the commit."""
    transactions = make(Clock(step=5.0))
    kafka.fail("commit_transaction", FENCED)
    with pytest.raises(ProducerFenced):
        transactions.write(RECORDS)


def test_a_fence_after_the_time_of_a_transaction_is_a_doubt(
    kafka: FakeKafka, rivals: FakeRivals, make: Callable[[Clock], Transactions]
) -> None:
    """Kafka ends what has been open for too long: the id is taken again, and all is written."""
    transactions = make(Clock(step=25.0))
    kafka.fail("commit_transaction", FENCED)
    with pytest.raises(TransactionInDoubt, match="open for 25 s, and Kafka aborts one after 20 s"):
        transactions.write(RECORDS)
    transactions.open()
    transactions.write(RECORDS)
    assert len(kafka.committed("trades")) == 1
    assert rivals.asked == ["check", "confirm", "check"]


def test_an_id_is_not_taken_again_from_a_newer_producer(
    kafka: FakeKafka, rivals: FakeRivals, make: Callable[[Clock], Transactions]
) -> None:
    """One that was suspended for long does not fence the one that took over meanwhile."""
    transactions = make(Clock(step=25.0))
    kafka.fail("commit_transaction", FENCED)
    with pytest.raises(TransactionInDoubt):
        transactions.write(RECORDS)
    rivals.newer = True
    with pytest.raises(PairClaimed):
        transactions.open()
    assert kafka.epochs["id"] == 1


@pytest.mark.parametrize(("step", "said"), [(0.4, []), (3.0, [3.0])])
def test_a_long_wait_for_the_id_is_logged(
    make: Callable[[Clock], Transactions], step: float, said: list[float]
) -> None:
    """With its seconds; a short one is not."""
    with structlog.testing.capture_logs() as lines:
        make(Clock(step=step))
    waits = [one["seconds"] for one in lines if one["event"] == "waited_for_transactional_id"]
    assert waits == said
