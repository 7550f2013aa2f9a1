from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError, KafkaException

from producer.errors import KafkaRefused, ProducerFenced, TransactionInDoubt
from producer.kafka.records import Records
from producer.kafka.transactions import Transactions
from runtime.deadline import Deadline
from runtime.errors import KafkaUnreachable
from tests.unit.producer.fake_kafka import FakeKafka

RECORDS = [
    Records("trades", b"BTC/USD", [b"1"], 1000),
    Records("dead", b"BTC/USD", [b"2"], 2000, (("reason", b"x"),)),
    Records("cursors", b"BTC/USD", [b"3"], 3000),
]


def error(code: int, **flags: bool) -> KafkaException:
    """What confluent-kafka raises."""
    return KafkaException(KafkaError(code, **flags))


def check(deadline: Deadline) -> None:
    """As a connection does: ends a wait whose time is up."""
    if deadline.passed:
        raise KafkaUnreachable("no answer")


@pytest.fixture
def make(kafka: FakeKafka) -> Callable[..., Transactions]:
    """Make a producer program's transactions."""
    return lambda timeout_seconds=5.0, **more: Transactions(
        kafka.connect, check, transactional_id="id", timeout_seconds=timeout_seconds, **more
    )


@pytest.fixture
def transactions(make: Callable[..., Transactions]) -> Transactions:
    """Transactions, opened."""
    opened = make()
    opened.open()
    return opened


def values(kafka: FakeKafka) -> list[bytes]:
    """What a reader of all three topics sees."""
    return [r.value for topic in ("trades", "dead", "cursors") for r in kafka.committed(topic)]


def test_records_are_committed_together(kafka: FakeKafka, transactions: Transactions) -> None:
    """Each record arrives as it was given: topic, key, value, time, headers."""
    transactions.write(RECORDS)
    assert values(kafka) == [b"1", b"2", b"3"]
    (dead,) = kafka.committed("dead")
    assert (dead.key, dead.timestamp, dead.headers) == (b"BTC/USD", 2000, [("reason", b"x")])


def test_a_full_queue_is_waited_for(kafka: FakeKafka, transactions: Transactions) -> None:
    """More records than the queue holds are written, too."""
    kafka.queue_size = 2
    transactions.write(RECORDS * 3)
    assert len(kafka.committed("trades")) == 3
    assert "poll" in kafka.calls


def test_a_commit_that_can_be_tried_again_is(kafka: FakeKafka, transactions: Transactions) -> None:
    """A timeout of the commit is no failure as long as there is time."""
    kafka.fail("commit_transaction", error(KafkaError._TIMED_OUT, retriable=True), times=3)
    transactions.write(RECORDS)
    assert values(kafka) == [b"1", b"2", b"3"]
    assert kafka.calls.count("commit_transaction") == 4


def test_a_commit_is_not_tried_for_ever(
    kafka: FakeKafka, make: Callable[..., Transactions]
) -> None:
    """When the time is up, Kafka is unavailable."""
    transactions = make(timeout_seconds=0.2)
    transactions.open()
    kafka.fail("commit_transaction", error(KafkaError._TIMED_OUT, retriable=True), times=10**9)
    with pytest.raises(KafkaUnreachable):
        transactions.write(RECORDS)
    assert values(kafka) == []


def test_a_broker_that_acknowledges_nothing_is_not_waited_for_for_ever(
    kafka: FakeKafka, make: Callable[..., Transactions]
) -> None:
    """When the time is up, Kafka is unavailable and nothing has been committed."""
    transactions = make(timeout_seconds=0.2)
    transactions.open()
    kafka.silent = True
    with pytest.raises(KafkaUnreachable):
        transactions.write(RECORDS)
    assert kafka.committed_transactions == set()


def test_a_full_queue_is_not_waited_for_for_ever(
    kafka: FakeKafka, make: Callable[..., Transactions]
) -> None:
    """A queue that does not drain is a broker that does not answer."""
    transactions = make(timeout_seconds=0.2)
    transactions.open()
    kafka.silent, kafka.queue_size = True, 2
    with pytest.raises(KafkaUnreachable):
        transactions.write(RECORDS)


def test_an_undelivered_record_keeps_its_transaction_from_being_committed(
    kafka: FakeKafka, transactions: Transactions
) -> None:
    """Its delivery report says why."""
    kafka.failing_deliveries = [KafkaError(KafkaError.NOT_ENOUGH_REPLICAS)]
    with pytest.raises(TransactionInDoubt, match="NOT_ENOUGH_REPLICAS"):
        transactions.write(RECORDS)
    assert "commit_transaction" not in kafka.calls
    assert values(kafka) == []


def test_a_record_that_nobody_reports_on_keeps_it_too(
    kafka: FakeKafka, transactions: Transactions
) -> None:
    """Only the last of a batch is reported on; for the others Kafka's client refuses to commit."""
    kafka.failing_deliveries = [KafkaError(KafkaError._MSG_TIMED_OUT)]
    with pytest.raises(TransactionInDoubt, match="INCONSISTENT"):
        transactions.write([Records("trades", b"BTC/USD", [b"1", b"2", b"3"], 1000)])
    assert values(kafka) == []


@pytest.mark.parametrize("call", ["begin_transaction", "produce", "flush", "commit_transaction"])
@pytest.mark.parametrize(
    "flags", [{"txn_requires_abort": True}, {"fatal": True}, {}], ids=["abort", "fatal", "plain"]
)
def test_any_other_failure_leaves_the_transaction_in_doubt(
    kafka: FakeKafka, transactions: Transactions, call: str, flags: dict[str, bool]
) -> None:
    """Nothing of it is visible, and the id opened again writes normally."""
    kafka.fail(call, error(KafkaError.INVALID_TXN_STATE, **flags))
    with pytest.raises(TransactionInDoubt, match="INVALID_TXN_STATE"):
        transactions.write(RECORDS)
    assert values(kafka) == []
    transactions.open()
    transactions.write(RECORDS)
    assert values(kafka) == [b"1", b"2", b"3"]


def test_a_producer_that_failed_is_not_used_again(
    kafka: FakeKafka, transactions: Transactions
) -> None:
    """After a failure the id has to be opened first."""
    kafka.fail("commit_transaction", error(KafkaError.INVALID_TXN_STATE))
    with pytest.raises(TransactionInDoubt):
        transactions.write(RECORDS)
    with pytest.raises(TransactionInDoubt, match="opened first"):
        transactions.write(RECORDS)


def test_the_second_producer_fences_the_first(
    kafka: FakeKafka, make: Callable[..., Transactions]
) -> None:
    """The first one stops, and says which id it lost."""
    first, second = make(), make()
    first.open()
    second.open()
    second.write(RECORDS)
    with pytest.raises(ProducerFenced, match=r"transactional\.id id took over"):
        first.write(RECORDS)
    assert values(kafka) == [b"1", b"2", b"3"]


def test_a_fatal_error_is_traced_to_its_root(kafka: FakeKafka, transactions: Transactions) -> None:
    """Where `produce` says that something was fatal, the transaction calls say what."""
    kafka.fail("produce", error(KafkaError._FATAL), passing=1)
    kafka.fail("begin_transaction", error(KafkaError._FENCED, fatal=True), passing=1)
    with pytest.raises(ProducerFenced):
        transactions.write(RECORDS)


def test_an_error_that_python_hides_is_found(kafka: FakeKafka, transactions: Transactions) -> None:
    """confluent-kafka 2.16 runs delivery reports under its own exception, seen as SystemError."""
    hidden = SystemError("returned a result with an exception set")
    hidden.__cause__ = error(KafkaError._FENCED, fatal=True)
    kafka.fail("flush", hidden)
    with pytest.raises(ProducerFenced):
        transactions.write(RECORDS)


def test_other_system_errors_are_left_alone(kafka: FakeKafka, transactions: Transactions) -> None:
    """What is no error of Kafka's is not made one."""
    kafka.fail("flush", SystemError("something else"))
    with pytest.raises(SystemError, match="something else"):
        transactions.write(RECORDS)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, "Write on the topics"),
        (KafkaError.MSG_SIZE_TOO_LARGE, "max.message.bytes"),
        (KafkaError._UNKNOWN_TOPIC, "creates the topics"),
    ],
)
def test_a_refusal_says_what_to_do(
    kafka: FakeKafka, transactions: Transactions, code: int, advice: str
) -> None:
    """What Kafka will answer again is not tried again."""
    kafka.fail("produce", error(code))
    with pytest.raises(KafkaRefused, match=advice):
        transactions.write(RECORDS)


def test_opening_waits_for_kafka(kafka: FakeKafka, make: Callable[..., Transactions]) -> None:
    """A coordinator that is still loading is asked again."""
    kafka.fail("init_transactions", error(KafkaError._TIMED_OUT, retriable=True), times=2)
    transactions = make()
    transactions.open()
    transactions.write(RECORDS)
    assert values(kafka) == [b"1", b"2", b"3"]


def test_opening_does_not_wait_for_ever(
    kafka: FakeKafka, make: Callable[..., Transactions]
) -> None:
    """When the time is up, Kafka is unavailable."""
    kafka.fail("init_transactions", error(KafkaError._TIMED_OUT, retriable=True), times=10**9)
    with pytest.raises(KafkaUnreachable):
        make(timeout_seconds=0.2).open()


def test_a_forbidden_id_is_refused(kafka: FakeKafka, make: Callable[..., Transactions]) -> None:
    """The message names the right that is missing."""
    kafka.fail("init_transactions", error(KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED))
    with pytest.raises(KafkaRefused, match="Write on TRANSACTIONAL_ID"):
        make().open()
