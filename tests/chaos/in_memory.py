"""The real producer on an in-memory Kafka: no broker, no Java, and a tenth of the time."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, Final

import fastavro
import pytest
from confluent_kafka import TopicPartition

from producer.cli.record import record_trades
from producer.kafka import producer_topics as outlet
from producer.settings import Settings
from runtime.settings import RegistrySettings
from runtime.shutdown import StopRequest
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry
from tests.chaos.ground_truth import Row
from tests.unit.producer.fake_cluster import FakeMessage
from tests.unit.producer.fake_kafka import FakeKafka, FakeProducer

__all__ = ["TOPIC", "MemoryKafka", "RunningProducer", "put_in_memory"]

TOPIC: Final = "t"


class MemoryKafka:
    """A broker, and the connection of one producer at a time to it."""

    def __init__(self) -> None:
        self._kafka = FakeKafka()
        self._schema = fastavro.parse_schema(load_catalogue().trade.newest.parsed)

    def producer(self, config: Mapping[str, Any]) -> FakeProducer:
        """As a connection's."""
        return self._kafka.connect(str(config["transactional.id"]))

    def consumer(self, _: object) -> "MemoryTail":
        """As a connection's."""
        return MemoryTail(self._kafka)

    def check(self, _: object) -> None:
        """This broker always answers."""

    def topic(self, name: str) -> "MemoryTopic":
        """One of its topics, to be read."""
        return MemoryTopic(self._kafka, name)

    def trades(self) -> dict[str, list[tuple[int, Row]]]:
        """The committed trades, by symbol, as often as they were written."""
        found: dict[str, list[tuple[int, Row]]] = {}
        for record in self._kafka.committed(TOPIC):
            trade: Any = fastavro.schemaless_reader(BytesIO(record.value[5:]), self._schema, None)
            micros = round(trade["executed_at"].timestamp() * 10**6)
            row = (trade["price"], trade["volume"], micros)
            found.setdefault(trade["symbol"], []).append((trade["trade_id"], row))
        return found

    def newest(self, suffix: str) -> list[Any]:
        """The JSON that a compacted topic holds: `holes`, `gaps`, `pairs`."""
        records = self._kafka.committed(f"{TOPIC}.{suffix}")
        newest = {record.key: record.value for record in records}
        return [json.loads(value) for value in newest.values() if value]

    def dead_letter_ids(self) -> set[tuple[str, int]]:
        """Symbol and id of each dead letter that has one."""
        headers = [dict(one.headers) for one in self._kafka.committed(f"{TOPIC}.dead-letter")]
        return {
            (one["symbol"].decode(), int(one["trade_id"])) for one in headers if "trade_id" in one
        }


class MemoryTopic:
    """A `TopicReader` of it."""

    def __init__(self, kafka: FakeKafka, name: str) -> None:
        self.name = name
        self._kafka = kafka

    def read(self) -> Iterator[FakeMessage]:
        """All committed records."""
        return _messages(self._kafka, self.name)

    def read_newest(self, _: int) -> Iterator[FakeMessage]:
        """All of them are the newest."""
        return self.read()

    def most_offsets(self) -> int:
        """How many there may be."""
        return len(self._kafka.log)

    def ends(self) -> dict[int, int]:
        """Offsets count over all topics here."""
        return {0: len(self._kafka.log)}


class MemoryTail:
    """A consumer that follows one topic."""

    def __init__(self, kafka: FakeKafka) -> None:
        self._kafka = kafka
        self._topic, self._at = "", 0

    def assign(self, places: Sequence[TopicPartition]) -> None:
        """Where it begins."""
        self._topic, self._at = places[0].topic, places[0].offset

    def consume(self, _: int, __: float) -> list[FakeMessage]:
        """What has been committed since."""
        if len(self._kafka.log) == self._at:
            return []
        begin, self._at = self._at, len(self._kafka.log)
        return [one for one in _messages(self._kafka, self._topic) if one.offset_ >= begin]


def _messages(kafka: FakeKafka, topic: str) -> Iterator[FakeMessage]:
    for offset, record in enumerate(list(kafka.log)):
        if record.topic == topic and record.transaction in kafka.committed_transactions:
            yield FakeMessage(offset, record.key, record.value, headers_=record.headers)


class RunningProducer:
    """`python -m producer` in a thread.

    Args:
        settings: Its settings.

    Attributes:
        error: What ended it, if anything did.
    """

    def __init__(self, settings: Settings) -> None:
        self.error: Exception | None = None
        self._settings = settings
        self._stop = StopRequest()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._thread.is_alive()

    def end(self) -> None:
        """As SIGTERM does."""
        self._stop.make()
        self._thread.join(60)

    def _run(self) -> None:
        try:
            record_trades(self._settings, self._stop, until_caught_up=False)
        except Exception as failure:  # noqa: BLE001  the test reports any failure
            self.error = failure


def put_in_memory(kafkas: Mapping[str, MemoryKafka], patch: pytest.MonkeyPatch) -> None:
    """Run the given broker stand-ins, and a registry in memory, in place of Kafka."""
    patch.setattr(outlet, "KafkaConnection", lambda config: kafkas[config["bootstrap.servers"]])
    patch.setattr(outlet, "TopicReader", lambda connection, name, *_: connection.topic(name))
    patch.setattr(outlet, "ensure_topics", lambda *_: None)
    registry, catalogue = Registry(RegistrySettings(url="mock://chaos")), load_catalogue()
    registry.register(f"{TOPIC}-value", catalogue.trade.newest.text)
    registry.register(f"{TOPIC}.cursors-value", catalogue.cursor.newest.text)
    patch.setattr(outlet, "Registry", lambda _: registry)
