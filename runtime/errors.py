"""The errors of requests to the broker."""

__all__ = ["BrokerError", "ClientRefused", "KafkaUnreachable", "TopicMissing"]


class BrokerError(Exception):
    """The broker did not do what it was asked."""


class ClientRefused(BrokerError):
    """No client can be made of the settings, such as of a file that holds no certificate."""


class KafkaUnreachable(BrokerError):
    """Kafka gave no answer within the time that its caller allows."""


class TopicMissing(BrokerError):
    """The topic does not exist on this cluster."""
