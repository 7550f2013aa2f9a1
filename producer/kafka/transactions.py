"""Kafka transactions: commit a number of records as a whole or not at all."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from producer.errors import ProducerError, ProducerFenced, TransactionInDoubt
from producer.kafka.client_errors import meaning_of, root_of
from producer.kafka.records import Records
from producer.metrics import NO_METRICS, ProducerMetrics
from runtime.deadline import Deadline

__all__ = ["NO_RIVALS", "Rivals", "Transactions"]

log = structlog.get_logger()

_WORTH_LOGGING_SECONDS: Final = 1.0
_PAUSE_SECONDS: Final = 0.1
_BY_KEY: Final = -1
"""librdkafka's number for "the partition that the key decides"."""
DeliveryReport = Callable[[KafkaError | None, Message], None]


class Rivals(Protocol):
    """Checks whether another producer has claimed what this one writes."""

    def check(self) -> None:
        """Raise if a newer claim has arrived; costs next to nothing."""

    def confirm(self) -> None:
        """Read all claims, and raise if there is a newer one."""


class _NoRivals:
    """For use where no other producer can write."""

    def check(self) -> None:
        """Do nothing."""

    def confirm(self) -> None:
        """Do nothing."""


NO_RIVALS: Final = _NoRivals()


class Transactions:
    """The transactions of one transactional id.

    A transaction that fails is not aborted here: its producer is discarded, and opening the id
    again makes Kafka abort an open transaction. So every failure is handled in one way, including
    those that leave librdkafka's producer unusable, and a commit whose answer never came. Call
    `open` first, and again after a TransactionInDoubt.

    Args:
        connect: Makes a new producer.
        check: Called while waiting; raises when waiting cannot succeed any more.
        transactional_id: The id, for messages.
        timeout_seconds: How long a call may take.
        transaction_seconds: How long Kafka lets a transaction stay open.
        rivals: Checked before each transaction, and before the id is taken again.
        metrics: Takes how long each transaction took.
        clock: Monotonic seconds.
    """

    def __init__(  # noqa: PLR0913  what a transaction needs
        self,
        connect: Callable[[], Producer],
        check: Callable[[Deadline], None],
        *,
        transactional_id: str,
        timeout_seconds: float,
        transaction_seconds: float = float("inf"),
        rivals: Rivals = NO_RIVALS,
        metrics: ProducerMetrics = NO_METRICS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect = connect
        self._check = check
        self._transactional_id = transactional_id
        self._timeout_seconds = timeout_seconds
        self._transaction_seconds = transaction_seconds
        self._rivals = rivals
        self._metrics = metrics
        self._clock = clock
        self._producer: Producer | None = None
        self._was_open = False
        self._began_at = float("inf")

    def open(self) -> None:
        """Take the transactional id: end its open transaction, and fence the producer that held it.

        Raises:
            KafkaUnreachable: Kafka gave no answer in time.
            KafkaRefused: We may not use the id.
            TransactionInDoubt: It failed otherwise.
            PairClaimed: The id was to be taken again, but another producer has begun to record a
                pair meanwhile.
        """
        self.close()
        if self._was_open:
            # Taking the id would fence a newer producer that has taken it meanwhile.
            self._rivals.confirm()
        producer, deadline = self._connect(), Deadline(self._timeout_seconds)
        began, self._began_at = self._clock(), float("inf")
        with self._errors_translated(producer):
            self._repeated(producer, producer.init_transactions, deadline)
        self._producer, self._was_open = producer, True
        waited = self._clock() - began
        if waited > _WORTH_LOGGING_SECONDS:
            log.info(
                "waited_for_transactional_id",
                transactional_id=self._transactional_id,
                seconds=round(waited, 1),
                because="Kafka was not ready, or had to abort the previous producer's transaction",
            )

    def write(self, batches: Iterable[Records]) -> None:
        """Write records in one transaction, in their order.

        Raises:
            TransactionInDoubt: It failed, or its outcome is unknown.
            ProducerFenced: Another producer took the transactional id.
            PairClaimed: Another producer has begun to record one of our pairs.
            TopicUnusable: The claims of other producers may not be read any more.
            KafkaUnreachable: Kafka gave no answer in time.
            KafkaRefused: Kafka does not accept these records.
        """
        producer = self._producer
        if producer is None:
            raise TransactionInDoubt("the transactional id has to be opened first")
        self._rivals.check()
        deadline, self._began_at = Deadline(self._timeout_seconds), self._clock()
        failures: list[KafkaError] = []

        def report(error: KafkaError | None, _message: Message) -> None:
            if error is not None:
                failures.append(error)

        with self._errors_translated(producer):
            producer.begin_transaction()
            for batch in batches:
                self._produce(producer, batch, report, deadline)
            while producer.flush(deadline.slice):
                self._check(deadline)
            if failures:
                raise KafkaException(failures[0])
            self._repeated(producer, producer.commit_transaction, deadline)
        self._metrics.transaction(self._clock() - self._began_at)

    def close(self) -> None:
        """Drop the connection. Kafka aborts an open transaction.

        It does not call `Producer.close`, which would first spend seconds on an abort that the
        next `open` makes unnecessary.
        """
        self._producer = None

    def _produce(
        self,
        producer: Producer,
        batch: Records,
        report: DeliveryReport,
        deadline: Deadline,
    ) -> None:
        produce, topic, key, timestamp = (
            producer.produce,
            batch.topic,
            batch.key,
            batch.timestamp_ms,
        )
        headers: list[tuple[str, str | bytes | None]] = [*batch.headers]
        last = batch.values[-1]
        for value in batch.values:
            # Only the last record gets a delivery report: a callback per record costs as much as
            # sending it, and the commit itself fails if a record was not delivered.
            on_delivery = report if value is last else None
            while True:
                try:
                    # Positional arguments take half as long as named ones; so does leaving out
                    # empty headers.
                    if headers:
                        produce(topic, value, key, _BY_KEY, None, on_delivery, timestamp, headers)
                    else:
                        produce(topic, value, key, _BY_KEY, None, on_delivery, timestamp)
                    break
                except BufferError:
                    # The queue is full; it drains as fast as Kafka acknowledges.
                    self._check(deadline)
                    producer.poll(deadline.slice)

    def _repeated(
        self, producer: Producer, call: Callable[[float], None], deadline: Deadline
    ) -> None:
        """Call until it succeeds; librdkafka continues where the previous call stopped."""
        while True:
            try:
                return call(deadline.slice)
            except KafkaException as error:
                if not error.args[0].retriable():
                    raise
                producer.poll(_PAUSE_SECONDS)
                self._check(deadline)

    @contextmanager
    def _errors_translated(self, producer: Producer) -> Iterator[None]:
        """Turn confluent-kafka's errors into errors of ours, and give up the producer."""
        try:
            yield
        except KafkaException as error:
            raise self._given_up(producer, error.args[0]) from error
        except SystemError as error:
            # confluent-kafka 2.16 raises a fatal error out of flush and poll, and runs delivery
            # reports while it does; Python then hides its exception behind this one.
            if not isinstance(error.__cause__, KafkaException):
                raise
            raise self._given_up(producer, error.__cause__.args[0]) from error

    def _given_up(self, producer: Producer, error: KafkaError) -> ProducerError:
        self.close()
        self._metrics.transaction_failed()
        meaning = meaning_of(root_of(error, producer), self._transactional_id)
        lasted = self._clock() - self._began_at
        if isinstance(meaning, ProducerFenced) and lasted >= self._transaction_seconds:
            # Kafka reports the same error for a transaction that it aborted because of its age.
            return TransactionInDoubt(
                f"it was open for {lasted:.0f} s, and Kafka aborts one after "
                f"{self._transaction_seconds:g} s: {error.str()}"
            )
        return meaning
