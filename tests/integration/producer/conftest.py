"""The producer as a process, and what a reader of its topics sees."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition

from infra.embedded import EmbeddedStack
from producer.model.cursor_scope import is_backfilled
from producer.settings import Settings
from schemas.avro.wire import unframe
from schemas.registry.client import Registry

PATIENCE_SECONDS = 400.0


class ProducerProcess:
    """One `python -m producer`, whose log is read while it runs.

    Attributes:
        process: The process.
    """

    def __init__(
        self, command: list[str], environment: Mapping[str, str], cwd: Path, log: Path
    ) -> None:
        self._log = log
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=cwd,
                env={**os.environ, "LOG_FORMAT": "json", **environment},
                stderr=stderr,
                stdout=subprocess.PIPE,
                text=True,
            )

    @property
    def output(self) -> str:
        """What it has written to stderr so far."""
        return self._log.read_text()

    @property
    def printed(self) -> str:
        """What it has written to stdout, once it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.read()

    def events(self, name: str) -> list[dict[str, Any]]:
        """Its log lines of one kind."""
        whole_lines = self.output.rpartition("\n")[0].splitlines()
        lines = [json.loads(line) for line in whole_lines if line.startswith("{")]
        return [line for line in lines if line["event"] == name]

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds, as long as the process lives."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.02)

    def wait_for(self, event: str, count: int = 1) -> None:
        """Wait until the log has so many lines of one kind."""
        self.wait_until(lambda: len(self.events(event)) >= count)

    def end(self, number: int | None = None) -> int:
        """Send the signal, if one is given, wait, and return the exit status."""
        if number is not None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


StartProducer = Callable[..., ProducerProcess]


@pytest.fixture
def start_producer(environment: dict[str, str], tmp_path: Path) -> Iterator[StartProducer]:
    """Start a producer: `start_producer("--until-caught-up", KAFKA_TIMEOUT_SECONDS="5")`."""
    started: list[ProducerProcess] = []

    def start(*arguments: str, script: Path | None = None, **settings: str) -> ProducerProcess:
        command = [str(script)] if script else ["-m", "producer"]
        log = tmp_path / f"producer-{len(started)}.log"
        process = ProducerProcess(
            [*command, *arguments], {**environment, **settings}, tmp_path, log
        )
        started.append(process)
        return process

    yield start
    for one in started:
        if one.process.poll() is None:
            one.end(signal.SIGKILL)


@pytest.fixture
def settings(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The same settings, for what runs within the test."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings.read()


class Reader:
    """A reader of committed records."""

    def __init__(self, bootstrap_servers: str, registry: Registry) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._registry = registry
        self._schemas: dict[int, Any] = {}

    def messages(self, topic: str) -> list[Message]:
        """All of a topic's committed messages, partition by partition, in order.

        Where more keep coming, there is no end: then those there are at the beginning, at least.
        """
        consumer = Consumer(
            {
                "bootstrap.servers": self._bootstrap_servers,
                "group.id": "test",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
            }
        )
        try:
            partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
            consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in partitions])
            read: defaultdict[int, list[Message]] = defaultdict(list)
            ends = {
                p: consumer.get_watermark_offsets(TopicPartition(topic, p))[1] for p in partitions
            }
            unfinished = {partition for partition, end in ends.items() if end}
            deadline = time.monotonic() + PATIENCE_SECONDS
            while unfinished:
                assert time.monotonic() < deadline, f"no end of {topic} in sight"
                message = consumer.poll(1.0)
                if message is None:
                    continue
                if message.error() is None:
                    read[message.partition()].append(message)
                    if message.offset() >= ends[message.partition()] - 1:
                        unfinished.discard(message.partition())
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    unfinished.discard(message.partition())
            return [message for number in sorted(read) for message in read[number]]
        finally:
            consumer.close()

    def values(self, topic: str) -> list[dict[str, Any]]:
        """All of a topic's committed records, decoded with the schema each names."""
        return [self._decoded(message.value()) for message in self.messages(topic)]

    def trade_ids(self, topic: str) -> list[int]:
        """The ids of all committed trades, in order."""
        return [record["trade_id"] for record in self.values(topic)]

    def ids_by_symbol(self, topic: str, *, backfilled: bool) -> dict[str, list[int]]:
        """The ids of the trades of one lane, in order, by symbol."""
        ids: defaultdict[str, list[int]] = defaultdict(list)
        for message in self.messages(topic):
            if is_backfilled(message.headers()) == backfilled:
                trade = self._decoded(message.value())
                ids[trade["symbol"]].append(trade["trade_id"])
        return dict(ids)

    def _decoded(self, value: bytes) -> Any:
        schema_id, payload = unframe(value)
        if schema_id not in self._schemas:
            text = self._registry.schema_text(schema_id)
            self._schemas[schema_id] = fastavro.parse_schema(json.loads(text))
        return fastavro.schemaless_reader(BytesIO(payload), self._schemas[schema_id])


@pytest.fixture
def reader(stack: EmbeddedStack, registry: Registry) -> Reader:
    """Read what the producer has committed."""
    return Reader(stack.bootstrap_servers, registry)
