"""What librdkafka itself does with a record that could not be delivered, on its own mock broker."""

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from producer.kafka.client import producer_config


@pytest.fixture
def producer() -> Producer:
    """A producer set up as ours, on a cluster within librdkafka."""
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
