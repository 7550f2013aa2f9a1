"""Classify Kafka's transaction errors: retry, stop, or outcome unknown."""

from typing import Final

from confluent_kafka import KafkaError, KafkaException, Producer

from producer.errors import KafkaRefused, ProducerError, ProducerFenced, TransactionInDoubt

__all__ = ["FORBIDDEN_TO_READ", "meaning_of", "root_of"]

FORBIDDEN_TO_READ: Final = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
}
"""A consumer's errors that do not pass. Others may: a broker is down, or a broker does not know a
new topic yet."""

_FENCED: Final = {
    KafkaError._FENCED,  # noqa: SLF001  the binding names librdkafka's own codes so
    KafkaError.PRODUCER_FENCED,
    KafkaError.INVALID_PRODUCER_EPOCH,
}
_ADVICE: Final = {
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED: "its user needs Write on TRANSACTIONAL_ID",
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: "its user needs IdempotentWrite on the cluster",
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "its user needs Write on the topics",
    KafkaError.INVALID_TRANSACTION_TIMEOUT: (
        "lower KAFKA_TRANSACTION_TIMEOUT_SECONDS or raise the broker's transaction.max.timeout.ms"
    ),
    KafkaError.MSG_SIZE_TOO_LARGE: "raise the topic's max.message.bytes",
    KafkaError.UNKNOWN_TOPIC_OR_PART: "start the producer again, it creates the topics",
    KafkaError._UNKNOWN_TOPIC: "start the producer again, it creates the topics",  # noqa: SLF001
}


def meaning_of(error: KafkaError, transactional_id: str) -> ProducerError:
    """Return the error of ours that it amounts to.

    Unless another producer took over or Kafka refuses, the transaction is in doubt. librdkafka's
    own distinction between abortable and fatal only says whether its producer can be used again,
    and ours never is.
    """
    if error.code() in _FENCED:
        return ProducerFenced(
            f"another producer with transactional.id {transactional_id} took over (or this one "
            "was suspended in mid-transaction) and continues from the last commit; to run two, "
            "give each its own pairs and its own TRANSACTIONAL_ID"
        )
    advice = _ADVICE.get(error.code())
    if advice is not None:
        return KafkaRefused(f"Kafka refuses: {error.str()}; {advice}")
    return TransactionInDoubt(f"{error.name()}: {error.str()}")


def root_of(error: KafkaError, producer: Producer) -> KafkaError:
    """Return the cause of an error: librdkafka names a fatal error in transaction calls only."""
    try:
        producer.begin_transaction()
    except KafkaException as fatal:
        root = fatal.args[0]
        if isinstance(root, KafkaError) and root.fatal():
            return root
    return error
