from collections.abc import Callable

import pytest
import structlog
from confluent_kafka import KafkaError, KafkaException, Producer

from producer.errors import KafkaRefused
from producer.kafka.client import KafkaConnection, consumer_config, producer_config, tail_config
from runtime.deadline import Deadline
from runtime.errors import KafkaUnreachable


@pytest.fixture
def connection() -> KafkaConnection:
    """To a broker that is not there."""
    return KafkaConnection({"bootstrap.servers": "127.0.0.1:9", "sasl.password": "secret"})


@pytest.fixture
def deadline_after() -> Callable[[float], Deadline]:
    """Ten seconds, of which this many have passed."""

    def make(elapsed: float) -> Deadline:
        times = iter([0.0])
        return Deadline(10, clock=lambda: next(times, elapsed))

    return make


def test_a_producer_is_transactional_and_loses_nothing() -> None:
    """Idempotent, acknowledged by all; what it leaves open when it is killed ends in time."""
    config = producer_config("my-id", 30)
    assert config["transactional.id"] == "my-id"
    assert config["enable.idempotence"] is True
    assert config["acks"] == "all"
    assert config["transaction.timeout.ms"] == 30_000


def test_a_consumer_reads_what_is_committed_and_commits_nothing() -> None:
    """It reports the end of the partition."""
    config = consumer_config("group")
    assert config["isolation.level"] == "read_committed"
    assert config["enable.partition.eof"] is True
    assert config["enable.auto.commit"] is False


def test_librdkafka_takes_every_setting() -> None:
    """A name that it does not know would fail here."""
    plain = KafkaConnection({"bootstrap.servers": "127.0.0.1:9"})
    assert plain.producer(producer_config("my-id", 30)) is not None
    plain.consumer(consumer_config("group")).close()
    plain.consumer(tail_config("group")).close()
    assert plain.admin() is not None


def test_a_wait_goes_on_while_there_is_time(
    connection: KafkaConnection, deadline_after: Callable[[float], Deadline]
) -> None:
    """A short one is not logged."""
    with structlog.testing.capture_logs() as lines:
        connection.check(deadline_after(1.0))
    assert lines == []


def test_a_long_wait_is_logged_once(
    connection: KafkaConnection, deadline_after: Callable[[float], Deadline]
) -> None:
    """With what the client complained about."""
    connection._complain(KafkaError(KafkaError._TRANSPORT, "Connection refused"))
    deadline = deadline_after(3.0)
    with structlog.testing.capture_logs() as lines:
        connection.check(deadline)
        connection.check(deadline)
    (line,) = lines
    assert line["event"] == "waiting_for_kafka"
    assert line["complaint"] == "Connection refused"


def test_a_wait_ends_when_the_time_is_up(
    connection: KafkaConnection, deadline_after: Callable[[float], Deadline]
) -> None:
    """The error says where, for how long and why, and no secret."""
    connection._complain(KafkaError(KafkaError._TRANSPORT, "Connection refused"))
    with pytest.raises(
        KafkaUnreachable, match=r"127\.0\.0\.1:9.*10 s.*Connection refused"
    ) as refused:
        connection.check(deadline_after(10.0))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("code", [KafkaError._AUTHENTICATION, KafkaError._SSL])
def test_a_wait_ends_at_once_where_kafka_lets_nobody_in(
    connection: KafkaConnection, deadline_after: Callable[[float], Deadline], code: int
) -> None:
    """Wrong credentials stay wrong."""
    connection._complain(KafkaError(code, "invalid credentials"))
    connection._complain(KafkaError(KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down"))
    with pytest.raises(KafkaRefused, match=r"invalid credentials.*KAFKA_SASL_"):
        connection.check(deadline_after(5.0))


def test_a_complaint_from_before_ends_no_wait(
    connection: KafkaConnection, deadline_after: Callable[[float], Deadline]
) -> None:
    """A broker that was restarted may have refused a login for a moment, days ago."""
    connection._complain(KafkaError(KafkaError._AUTHENTICATION, "no such user yet"))
    connection.check(deadline_after(0.0))


@pytest.fixture
def producer() -> Producer:
    """A producer set up as ours, on a mock broker of librdkafka's own."""
    config = producer_config("id", 10.0) | {"test.mock.num.brokers": 1, "bootstrap.servers": ""}
    opened = Producer(config)
    opened.init_transactions(10.0)
    return opened


def test_a_transaction_is_committed(producer: Producer) -> None:
    """The mock broker takes what nothing keeps from it."""
    producer.begin_transaction()
    producer.produce("t", b"1")
    producer.commit_transaction(10.0)


def test_a_lost_record_keeps_its_transaction_from_being_committed(producer: Producer) -> None:
    """Although no report was requested: so reports on every record are not needed."""
    producer.begin_transaction()
    producer.produce("t", b"1")
    producer.purge(in_queue=True, in_flight=True)
    producer.produce("t", b"2")
    with pytest.raises(KafkaException) as caught:
        producer.commit_transaction(10.0)
    error = caught.value.args[0]
    assert (error.code(), error.txn_requires_abort()) == (KafkaError._INCONSISTENT, True)
