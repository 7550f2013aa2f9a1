"""The errors of requests to the broker."""

__all__ = ["BrokerError", "KafkaUnreachable", "TopicMissing"]


class BrokerError(Exception):
    """The broker did not do what it was asked."""


class KafkaUnreachable(BrokerError):
    """Kafka gave no answer within the time that its caller allows."""


class TopicMissing(BrokerError):
    """The topic does not exist on this cluster."""
