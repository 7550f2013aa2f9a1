"""A Kafka in memory in the place of the producer's connection: what is written, and to what."""

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import NewTopic

from tests.unit.producer.fake_cluster import FakeMessage, eof
from tests.unit.producer.fake_kafka import FakeKafka, FakeProducer, Stored


@dataclass
class Kafka:
    """A broker of one partition a topic, and its admin client.

    Attributes:
        log: what has been written.
        topics: those that were created, as they were asked for.
        transactional_ids: the producers that were opened.
        groups: the consumers.
    """

    log: FakeKafka = field(default_factory=FakeKafka)
    topics: dict[str, NewTopic] = field(default_factory=dict)
    transactional_ids: list[str] = field(default_factory=list)
    groups: set[str] = field(default_factory=set)

    def stand_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Has the producer's programs meet this one; the one name of ours that it takes."""
        connection = "producer.kafka.client.KafkaConnection"
        monkeypatch.setattr(f"{connection}.admin", lambda _: self)
        monkeypatch.setattr(f"{connection}.producer", lambda _, config: self._producer(config))
        monkeypatch.setattr(f"{connection}.consumer", lambda _, config: self._consumer(config))

    def hold(
        self,
        topic: str,
        key: bytes,
        value: Any,
        *,
        headers: Mapping[str, str] | None = None,
        timestamp: int = 0,
    ) -> None:
        """Has a topic hold a record, with JSON as its value."""
        self.topics[topic] = NewTopic(topic, 1)
        pairs = [(name, text.encode()) for name, text in (headers or {}).items()]
        text = json.dumps(value, ensure_ascii=False).encode()
        self.log.log.append(Stored(topic, key, text, timestamp, pairs, transaction=-1))
        self.log.committed_transactions.add(-1)

    def _producer(self, config: Mapping[str, Any]) -> FakeProducer:
        self.transactional_ids.append(config["transactional.id"])
        return self.log.connect(config["transactional.id"])

    def _consumer(self, config: Mapping[str, Any]) -> "Reader":
        self.groups.add(config["group.id"])
        return Reader(self.log)

    def list_topics(self, *_: str, timeout: float) -> SimpleNamespace:
        """All of them, each with its one partition."""
        described = SimpleNamespace(error=None, partitions={0: None})
        return SimpleNamespace(topics=dict.fromkeys(self.topics, described), timeout=timeout)

    def create_topics(self, wanted: Iterable[NewTopic]) -> "dict[str, Future[None]]":
        """Creates them."""
        self.topics |= {one.topic: one for one in wanted}
        return {one.topic: _done(None) for one in wanted}

    def describe_configs(self, resources: Iterable[Any]) -> "dict[Any, Future[Any]]":
        """Their settings."""
        return {
            one: _done(
                {
                    name: SimpleNamespace(value=value)
                    for name, value in self.topics[one.name].config.items()
                }
            )
            for one in resources
        }

    def list_offsets(self, wanted: Iterable[TopicPartition], **_: Any) -> "dict[Any, Future[Any]]":
        """The end of each, whatever is asked for."""
        return {
            one: _done(SimpleNamespace(offset=len(self.log.committed(one.topic)))) for one in wanted
        }


class Reader:
    """A consumer of the committed records of one topic."""

    def __init__(self, log: FakeKafka) -> None:
        self._log = log
        self._topic = ""
        self._at = 0

    def assign(self, places: list[TopicPartition]) -> None:
        """Begins at an offset, or at the first."""
        self._topic, self._at = places[0].topic, max(0, places[0].offset)

    def poll(self, timeout: float) -> FakeMessage:
        """The next record, or that there is none."""
        assert timeout > 0
        records = self._log.committed(self._topic)
        if self._at >= len(records):
            return eof(len(records))
        record, at = records[self._at], self._at
        self._at += 1
        return FakeMessage(
            at, record.key, record.value, headers_=record.headers, timestamp_=record.timestamp
        )

    def consume(self, most: int, timeout: float) -> list[FakeMessage]:
        """What has come since."""
        assert timeout == 0
        waiting = len(self._log.committed(self._topic)) - self._at
        return [self.poll(1) for _ in range(min(most, waiting))]

    def close(self) -> None:
        """It is given back."""


def _done(result: Any) -> "Future[Any]":
    future: Future[Any] = Future()
    future.set_result(result)
    return future
