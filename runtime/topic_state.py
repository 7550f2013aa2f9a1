"""The state of a topic at the broker: its identity, and the offsets that it holds.

The stream starts from it, `lake verify` compares the commit log with it, and the monitor measures
the lag with it. It is in this package because all of them use it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import stamina
from confluent_kafka import IsolationLevel, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stub lacks OffsetSpec
    AdminClient,
    OffsetSpec,
    TopicDescription,
)

from runtime.client_opening import opening_client
from runtime.errors import KafkaUnreachable, TopicMissing
from runtime.settings import KafkaSettings

__all__ = ["TopicClient", "TopicState", "read_topic_state"]

_ANSWER_WITHIN: Final = 30.0
_PASSING: Final = frozenset(
    {
        "LEADER_NOT_AVAILABLE",
        "NOT_LEADER_FOR_PARTITION",
        "REPLICA_NOT_AVAILABLE",
        "FENCED_LEADER_EPOCH",
        "UNKNOWN_LEADER_EPOCH",
        "OFFSET_NOT_AVAILABLE",
        "NOT_CONTROLLER",
        "KAFKA_STORAGE_ERROR",
        "NETWORK_EXCEPTION",
        "REQUEST_TIMED_OUT",
        "_TRANSPORT",
        "_ALL_BROKERS_DOWN",
    }
)
"""Errors that pass: a partition that is just being created or moved, a broker that was restarted
while it was asked and is still behind what it had said before. Of the errors that its protocol
calls retriable, these may answer the questions below. A missing topic is one, too, but is
reported at once."""
_EARLIEST: Final = OffsetSpec.earliest()  # type: ignore[no-untyped-call]  # its stub lacks the types
_LATEST: Final = OffsetSpec.latest()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic's identity and offsets now.

    A topic that was deleted and created again has another `topic_id` under the same name.

    Attributes:
        cluster_id: The id of the Kafka cluster.
        topic: The topic's name.
        topic_id: Kafka's own id of the topic.
        earliest: The first offset still held, per partition.
        latest: The last stable offset, per partition: the one after the last record that can be
            read committed. While a transaction is open, it is that transaction's first offset.
        high_watermark: The offset after the last record, per partition. An open transaction holds
            back all records between `latest` and this one, also other producers' committed ones.
    """

    cluster_id: str
    topic: str
    topic_id: str
    earliest: Mapping[int, int]
    latest: Mapping[int, int]
    high_watermark: Mapping[int, int] = field(default_factory=dict)

    @property
    def held_back(self) -> dict[int, tuple[int, int]]:
        """Partitions with an open transaction: the first offset held back, and the end offset.

        Each running transaction does this for a moment. It is a problem only if it lasts.
        """
        return {
            partition: (stable, end)
            for partition, end in self.high_watermark.items()
            if (stable := self.latest.get(partition, end)) < end
        }


class TopicClient:
    """Asks the broker about one topic, any number of times over one connection.

    Args:
        settings: The broker, and the topic of the trades.

    Raises:
        ClientRefused: No client can be made of the settings.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        with opening_client():
            self._admin = AdminClient({**settings.client_config(), "log_level": 2})

    def state(self) -> TopicState:
        """Ask for the topic's identity and offsets.

        Raises:
            KafkaUnreachable: Kafka did not answer within 30 seconds, or a partition had no leader
                for that long.
            TopicMissing: There is no such topic.
        """
        try:
            return _asked(self._admin, self._settings.topic)
        except KafkaException as error:
            raise _as_broker_error(error, self._settings) from error

    def topic_id(self) -> str:
        """Ask for Kafka's id of the topic, unique across all clusters; takes two milliseconds.

        Raises:
            KafkaUnreachable, TopicMissing: As `state`.
        """
        try:
            return _asked_for_id(self._admin, self._settings.topic)
        except KafkaException as error:
            raise _as_broker_error(error, self._settings) from error


def read_topic_state(settings: KafkaSettings) -> TopicState:
    """Ask the broker for the topic of the trades.

    Raises:
        ClientRefused: No client can be made of the settings.
        KafkaUnreachable: Kafka did not answer within 30 seconds, or a partition had no leader for
            that long.
        TopicMissing: There is no such topic.
    """
    return TopicClient(settings).state()


def _passes(error: Exception) -> bool:
    return isinstance(error, KafkaException) and error.args[0].name() in _PASSING


_retried = stamina.retry(on=_passes, attempts=None, timeout=_ANSWER_WITHIN, wait_max=1.0)


@_retried
def _asked_for_id(admin: AdminClient, name: str) -> str:
    return str(_described(admin, name).topic_id)


@_retried
def _asked(admin: AdminClient, name: str) -> TopicState:
    topic = _described(admin, name)
    partitions = [partition.id for partition in topic.partitions]
    # In this order: offsets only grow, so no committed record looks held back.
    watermarks = _offsets(admin, name, partitions, _LATEST, IsolationLevel.READ_UNCOMMITTED)
    return TopicState(
        cluster_id=_cluster_id(admin),
        topic=name,
        topic_id=str(topic.topic_id),
        earliest=_offsets(admin, name, partitions, _EARLIEST),
        latest=_offsets(admin, name, partitions, _LATEST),
        high_watermark=watermarks,
    )


def _described(admin: AdminClient, name: str) -> TopicDescription:
    topics = admin.describe_topics(TopicCollection([name]), request_timeout=_ANSWER_WITHIN)
    topic: TopicDescription = topics[name].result()
    return topic


def _cluster_id(admin: AdminClient) -> str:
    # Not `describe_cluster`: the answer of a broker that is shutting down crashes the process with
    # an assertion of librdkafka (2.16.1, rd_kafka_admin_response_parse).
    return str(admin.list_topics(timeout=_ANSWER_WITHIN).cluster_id)


def _offsets(
    admin: AdminClient,
    topic: str,
    partitions: list[int],
    spec: OffsetSpec,
    isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
) -> dict[int, int]:
    answers = admin.list_offsets(
        {TopicPartition(topic, partition): spec for partition in partitions},
        isolation_level=isolation,
        request_timeout=_ANSWER_WITHIN,
    )
    return {at.partition: answer.result().offset for at, answer in answers.items()}


def _as_broker_error(
    error: KafkaException, settings: KafkaSettings
) -> KafkaUnreachable | TopicMissing:
    fault = error.args[0]
    if fault.name() == "UNKNOWN_TOPIC_OR_PART":
        return TopicMissing(
            f"{settings.bootstrap_servers} has no topic {settings.topic}: start the producer "
            "first, it creates the topics, or set KAFKA_TOPIC."
        )
    return KafkaUnreachable(
        f"no answer from Kafka at {settings.bootstrap_servers}: {fault.str()}. Is it running, and "
        "is KAFKA_BOOTSTRAP_SERVERS right?"
    )
