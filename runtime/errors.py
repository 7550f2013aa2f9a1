"""What can go wrong between a program and the broker."""


class BrokerError(Exception):
    """The broker did not give what was asked of it."""


class KafkaUnreachable(BrokerError):
    """No broker answered within the time given."""


class TopicMissing(BrokerError):
    """The topic does not exist on this cluster."""
