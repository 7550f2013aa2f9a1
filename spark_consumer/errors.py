"""The errors that stop the stream, besides those of the broker, the registry and the lake.

ConsumerError
├── SourceReplaced       the topic is not the one that the lake was filled from
├── OffsetsGone          Kafka deleted records before they were landed
├── ConnectorsMissing    Spark lacks the jars for Kafka or Avro
├── KeyUnreadable        the private key for Kafka cannot be read
├── ReaderSchemaUnknown  READER_SCHEMA names no version of the catalogue
├── SchemaIdReused       a schema id names another schema than when the run began
├── SparkGone            Spark's JVM ended while the stream ran
└── SparkFailed          Spark could not do what the stream asked of it
"""

__all__ = [
    "ConnectorsMissing",
    "ConsumerError",
    "KeyUnreadable",
    "OffsetsGone",
    "ReaderSchemaUnknown",
    "SchemaIdReused",
    "SourceReplaced",
    "SparkFailed",
    "SparkGone",
]


class ConsumerError(Exception):
    """Anything that stops the stream; its message says what to do next."""


class KeyUnreadable(ConsumerError):
    """KAFKA_SSL_KEY_LOCATION holds no private key that KAFKA_SSL_KEY_PASSWORD opens."""


class SourceReplaced(ConsumerError):
    """The offsets in the commit log belong to another topic or cluster."""


class OffsetsGone(ConsumerError):
    """Retention deleted records that had not landed yet."""


class ConnectorsMissing(ConsumerError):
    """Spark cannot find its Kafka source or from_avro."""


class ReaderSchemaUnknown(ConsumerError):
    """READER_SCHEMA names a version that the catalogue does not have."""


class SchemaIdReused(ConsumerError):
    """The registry gives a known schema id to another schema."""


class SparkGone(ConsumerError):
    """Spark's JVM ended while the stream ran."""


class SparkFailed(ConsumerError):
    """Spark could not do what it was asked: a full disk, a lost broker, a wrong trigger."""
