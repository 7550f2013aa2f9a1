import pytest
from confluent_kafka import KafkaError, KafkaException

from producer.errors import KafkaRefused, ProducerFenced, TransactionInDoubt
from producer.kafka.client_errors import meaning_of, root_of


class Answers:
    """A producer whose `begin_transaction` raises what it is given, or nothing."""

    def __init__(self, error: KafkaError | None) -> None:
        self._error = error

    def begin_transaction(self) -> None:
        """Raise it."""
        if self._error is not None:
            raise KafkaException(self._error)


FENCED = KafkaError(KafkaError._FENCED, fatal=True)
STATE = KafkaError(KafkaError._STATE)
PURGED = KafkaError(KafkaError._PURGE_QUEUE)


@pytest.mark.parametrize(
    "code",
    [KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH],
)
def test_a_rival_is_recognised_under_each_of_its_names(code: int) -> None:
    """Brokers and librdkafka have three codes for it."""
    meaning = meaning_of(KafkaError(code), "my-id")
    assert isinstance(meaning, ProducerFenced)
    assert "my-id took over" in str(meaning)


def test_a_missing_right_is_a_refusal() -> None:
    """The message says which."""
    meaning = meaning_of(KafkaError(KafkaError.CLUSTER_AUTHORIZATION_FAILED), "my-id")
    assert isinstance(meaning, KafkaRefused)
    assert "IdempotentWrite" in str(meaning)


@pytest.mark.parametrize(
    "code", [KafkaError.INVALID_TXN_STATE, KafkaError._MSG_TIMED_OUT, KafkaError.UNKNOWN]
)
def test_anything_else_leaves_doubt(code: int) -> None:
    """Unexpected errors, too."""
    meaning = meaning_of(KafkaError(code), "my-id")
    assert isinstance(meaning, TransactionInDoubt)
    assert KafkaError(code).name() in str(meaning)


@pytest.mark.parametrize(
    ("answer", "root"),
    [(FENCED, FENCED), (STATE, PURGED), (None, PURGED)],
    ids=["fatal", "not fatal", "no error"],
)
def test_the_root_is_the_fatal_error_if_there_was_one(
    answer: KafkaError | None, root: KafkaError
) -> None:
    """Otherwise the error at hand is all there is to know."""
    assert root_of(PURGED, Answers(answer)) is root
