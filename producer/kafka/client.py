"""Kafka clients, set up the one way this producer needs them."""

import logging
import time
from collections.abc import Mapping
from typing import Any, Final

import structlog
from confluent_kafka import Consumer, KafkaError, Producer
from confluent_kafka.admin import AdminClient

from producer.errors import KafkaRefused, KafkaUnavailable
from runtime.deadline import Deadline
from runtime.logins import ClientConfig

__all__ = [
    "KafkaConnection",
    "consumer_config",
    "open_for_at_most",
    "producer_config",
    "tail_config",
]

log = structlog.get_logger()

_SILENT_SECONDS: Final = 2.0
_LOGGER: Final = logging.getLogger("librdkafka")
# What waiting does not mend; librdkafka itself goes on trying for ever.
_HOPELESS: Final = {KafkaError._AUTHENTICATION, KafkaError._SSL}  # noqa: SLF001  so named there


def open_for_at_most(timeout_seconds: float) -> float:
    """Seconds until Kafka has ended what any producer of ours left open when it was killed.

    Its transaction's own time, then the broker's sweep, every 10 s by default
    (`transaction.abort.timed.out.transaction.cleanup.interval.ms`), and some. Producers of earlier
    versions set twice KAFKA_TIMEOUT_SECONDS as that time, so this waits for as long.
    """
    return 2 * timeout_seconds + 15.0


def producer_config(transactional_id: str, transaction_seconds: float) -> ClientConfig:
    """What makes a producer transactional and ordered.

    Args:
        transactional_id: Who it is to Kafka.
        transaction_seconds: How long a transaction may stay open before Kafka ends it. Until then
            one that a killed producer has left open hides all later records from every reader.
    """
    return {
        "transactional.id": transactional_id,
        "enable.idempotence": True,
        "acks": "all",
        # librdkafka lowers message.timeout.ms and socket.timeout.ms to fit. A transaction that
        # Kafka ended although we still meant to commit it is written anew: see `Transactions`.
        "transaction.timeout.ms": int(transaction_seconds * 1000),
        # A page is flushed as soon as it is handed over; waiting longer only costs time.
        "linger.ms": 5,
        "compression.type": "zstd",
        # A commit acknowledges all records of its transaction: only what failed is told of.
        "delivery.report.only.error": True,
    }


def consumer_config(group: str) -> ClientConfig:
    """What makes a consumer read committed records from the start to the end, and no further."""
    return {
        # Named because the client wants one; nothing is ever committed under it.
        "group.id": group,
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",
    }


def tail_config(group: str) -> ClientConfig:
    """What makes a consumer follow a topic in which nearly nothing happens, at nearly no cost."""
    return {
        **consumer_config(group),
        "enable.partition.eof": False,
        # The broker answers at once when there is something, else every five seconds.
        "fetch.wait.max.ms": 5000,
    }


class KafkaConnection:
    """Opens clients of one cluster and keeps in mind what they last complained about."""

    def __init__(self, client_config: Mapping[str, str | int | bool]) -> None:
        self._client_config = dict(client_config)
        self._complaint: KafkaError | None = None
        self._complained_at = float("-inf")
        self._told_of: Deadline | None = None

    def producer(self, config: ClientConfig) -> Producer:
        """A producer; it connects in the background."""
        return Producer(self._whole(config), logger=_LOGGER)

    def consumer(self, config: ClientConfig) -> Consumer:
        """A consumer; it connects in the background."""
        return Consumer(self._whole(config), logger=_LOGGER)

    def admin(self) -> AdminClient:
        """A client to look after topics."""
        return AdminClient(self._whole({}), logger=_LOGGER)

    def check(self, deadline: Deadline) -> None:
        """To be called while waiting for Kafka: ends the wait when it is of no more use.

        Raises:
            KafkaRefused: Kafka does not let us in, and will not later.
            KafkaUnavailable: The time is up.
        """
        servers = self._client_config["bootstrap.servers"]
        complaint = self._complaint.str() if self._complaint else ""
        # What was said before this wait began may have passed: a broker restarted, say.
        is_new = time.monotonic() - self._complained_at <= deadline.elapsed
        if is_new and self._complaint is not None and self._complaint.code() in _HOPELESS:
            raise KafkaRefused(
                f"Kafka at {servers} does not let us in: {complaint}; see "
                "KAFKA_SECURITY_PROTOCOL and the KAFKA_SASL_ and KAFKA_SSL_ settings"
            )
        if deadline.passed:
            reason = f" ({complaint})" if complaint else ""
            raise KafkaUnavailable(
                f"Kafka at {servers} gave no answer for {deadline.seconds:g} s{reason}; "
                "nothing is lost or doubled: see that it runs, then start the producer again"
            )
        if deadline is not self._told_of and deadline.elapsed > _SILENT_SECONDS:
            self._told_of = deadline
            log.warning("waiting_for_kafka", servers=servers, complaint=complaint)

    def _whole(self, config: ClientConfig) -> dict[str, Any]:
        return {**self._client_config, **config, "error_cb": self._complain}

    def _complain(self, error: KafkaError) -> None:
        # "All brokers are down" follows every complaint, and would hide the one that says why.
        if error.code() != KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001
            self._complaint, self._complained_at = error, time.monotonic()
