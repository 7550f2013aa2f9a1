"""What is wrong with settings that Kafka's client library refuses."""

from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import KafkaException

from runtime.errors import ClientRefused

__all__ = ["opening_client"]


@contextmanager
def opening_client() -> Iterator[None]:
    """Convert the error of a client that cannot be made of its settings.

    A client reads certificates and keys when it is made, before it connects.

    Raises:
        ClientRefused: The library takes one of the settings for wrong.
    """
    try:
        yield
    except KafkaException as error:
        raise ClientRefused(
            f"Kafka's client library refuses the settings: {error.args[0].str()}. Check the files "
            "and the password in KAFKA_SSL_…, and KAFKA_SASL_…"
        ) from error
