"""Read the small topics beside the trades, if they exist."""

from collections.abc import Iterator

from confluent_kafka import Message

from producer.kafka.client import KafkaConnection, open_for_at_most
from producer.kafka.topic_reader import TopicReader
from producer.kafka.topics import topic_names
from producer.settings import Settings

__all__ = ["records_if_any"]


def records_if_any(settings: Settings, name: str) -> Iterator[Message]:
    """Read a topic's committed records up to its end; none if no producer has created it yet.

    Raises:
        TopicUnusable: The topic cannot be read.
        ProducerError, BrokerError: Kafka cannot be used.
    """
    connection = KafkaConnection(settings.kafka.client_config())
    timeout = settings.producer.kafka_timeout_seconds
    if name not in topic_names(connection, timeout):
        return iter(())
    return TopicReader(connection, name, timeout, open_for_at_most(timeout)).read()
