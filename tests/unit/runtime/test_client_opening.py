"""Settings of which no Kafka client can be made."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lake.log.commit import OffsetRange
from producer.kafka.client import KafkaConnection, consumer_config, producer_config
from runtime.errors import ClientRefused
from runtime.settings import KafkaSettings
from runtime.topic_state import read_topic_state
from schemas.registry.topic_usage import read_usage
from spark_consumer.kafka.record_reader import RecordReader


def connection(settings: KafkaSettings) -> KafkaConnection:
    """The producer's clients."""
    return KafkaConnection(settings.client_config())


OPENED: dict[str, Callable[[KafkaSettings], object]] = {
    "topic state": read_topic_state,
    "topic usage": lambda settings: read_usage(settings, settings.topic, 10),
    "record reader": lambda settings: list(
        RecordReader(settings).read({0: OffsetRange(start=0, end=1)})
    ),
    "admin": lambda settings: connection(settings).admin(),
    "consumer": lambda settings: connection(settings).consumer(consumer_config("any")),
    "producer": lambda settings: connection(settings).producer(producer_config("any", 30)),
}


@pytest.mark.parametrize("what", OPENED)
def test_a_file_that_holds_no_certificate_is_said(tmp_path: Path, what: str) -> None:
    """As an error of ours, which each program prints as one sentence."""
    authority = tmp_path / "ca.pem"
    authority.write_text("no certificate", encoding="ascii")
    settings = KafkaSettings(
        bootstrap_servers="127.0.0.1:1", security_protocol="SSL", ssl_ca_location=authority
    )
    with pytest.raises(ClientRefused, match=r"ssl\.ca\.location failed.*KAFKA_SSL_"):
        OPENED[what](settings)
