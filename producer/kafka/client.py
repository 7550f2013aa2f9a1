"""Open Kafka clients with the settings that the producer needs."""

import logging
import time
from collections.abc import Mapping
from typing import Any, Final

import structlog
from confluent_kafka import Consumer, KafkaError, Producer
from confluent_kafka.admin import AdminClient

from producer.errors import KafkaRefused
from runtime.client_opening import opening_client
from runtime.deadline import Deadline
from runtime.errors import KafkaUnreachable
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
# Errors that waiting does not help; librdkafka itself keeps trying.
_HOPELESS: Final = {KafkaError._AUTHENTICATION, KafkaError._SSL}  # noqa: SLF001  so named there


def open_for_at_most(timeout_seconds: float) -> float:
    """Return the seconds within which Kafka aborts the transaction of a killed producer of ours.

    That is the transaction's timeout, the interval of the broker's clean-up, 10 s by default
    (`transaction.abort.timed.out.transaction.cleanup.interval.ms`), and a margin. Producers of
    earlier versions set twice KAFKA_TIMEOUT_SECONDS as the timeout, so this counts with that.
    """
    return 2 * timeout_seconds + 15.0


def producer_config(transactional_id: str, transaction_seconds: float) -> ClientConfig:
    """Return the settings of a transactional producer that keeps the order of records.

    Args:
        transactional_id: Its identity for Kafka.
        transaction_seconds: How long a transaction may stay open before Kafka aborts it. Until
            then the open transaction of a killed producer hides all later records from readers.
    """
    return {
        "transactional.id": transactional_id,
        "enable.idempotence": True,
        "acks": "all",
        # librdkafka lowers message.timeout.ms and socket.timeout.ms to fit. A transaction that
        # Kafka aborted before we committed it is written again: see `Transactions`.
        "transaction.timeout.ms": int(transaction_seconds * 1000),
        # A page is flushed as soon as it has been produced; a longer linger only costs time.
        "linger.ms": 5,
        "compression.type": "zstd",
        # A commit acknowledges all records of its transaction: only failures need a report.
        "delivery.report.only.error": True,
    }


def consumer_config(group: str) -> ClientConfig:
    """Return the settings of a consumer that reads committed records from the start to the end."""
    return {
        # The client requires a group; no offset is ever committed under it.
        "group.id": group,
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",
    }


def tail_config(group: str) -> ClientConfig:
    """Return the settings of a consumer that follows a nearly idle topic at nearly no cost."""
    return {
        **consumer_config(group),
        "enable.partition.eof": False,
        # The broker answers at once if there are records, else every five seconds.
        "fetch.wait.max.ms": 5000,
    }


class KafkaConnection:
    """Opens clients of one cluster, and remembers their last error.

    Each way to open one raises `ClientRefused` if none can be made of the settings.
    """

    def __init__(self, client_config: Mapping[str, str | int | bool]) -> None:
        self._client_config = dict(client_config)
        self._complaint: KafkaError | None = None
        self._complained_at = float("-inf")
        self._warned_of: Deadline | None = None

    def producer(self, config: ClientConfig) -> Producer:
        """Open a producer; it connects in the background."""
        with opening_client():
            return Producer(self._whole(config), logger=_LOGGER)

    def consumer(self, config: ClientConfig) -> Consumer:
        """Open a consumer; it connects in the background."""
        with opening_client():
            return Consumer(self._whole(config), logger=_LOGGER)

    def admin(self) -> AdminClient:
        """Open a client that manages topics."""
        with opening_client():
            return AdminClient(self._whole({}), logger=_LOGGER)

    def check(self, deadline: Deadline) -> None:
        """End a wait for Kafka that cannot succeed any more; call it while waiting.

        Raises:
            KafkaRefused: Kafka does not accept our login, and waiting does not change that.
            KafkaUnreachable: The time is up.
        """
        servers = self._client_config["bootstrap.servers"]
        complaint = self._complaint.str() if self._complaint else ""
        # An error from before this wait may have passed, such as a broker that was restarting.
        is_new = time.monotonic() - self._complained_at <= deadline.elapsed
        if is_new and self._complaint is not None and self._complaint.code() in _HOPELESS:
            raise KafkaRefused(
                f"Kafka at {servers} does not accept our login: {complaint}; check "
                "KAFKA_SECURITY_PROTOCOL and the KAFKA_SASL_ and KAFKA_SSL_ settings"
            )
        if deadline.passed:
            reason = f" ({complaint})" if complaint else ""
            raise KafkaUnreachable(
                f"Kafka at {servers} gave no answer for {deadline.seconds:g} s{reason}; "
                "nothing is lost or duplicated: check that it runs, then start the producer again"
            )
        if deadline is not self._warned_of and deadline.elapsed > _SILENT_SECONDS:
            self._warned_of = deadline
            log.warning("waiting_for_kafka", servers=servers, complaint=complaint)

    def _whole(self, config: ClientConfig) -> dict[str, Any]:
        return {**self._client_config, **config, "error_cb": self._complain}

    def _complain(self, error: KafkaError) -> None:
        # "All brokers are down" follows every other error, and would hide the one with the cause.
        if error.code() != KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001
            self._complaint, self._complained_at = error, time.monotonic()
