"""Counting the writer schemas of a topic's newest records."""

from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, TopicPartition

from runtime.settings import KafkaSettings
from schemas.registry import topic_usage
from schemas.registry.topic_usage import read_usage


class BusyConsumer:
    """Two partitions: one is written faster than anybody reads, the other one has ended."""

    def __init__(self, _: object) -> None:
        self._messages = self._read()

    def list_topics(self, topic: str, **_: float) -> Any:
        """Two partitions."""
        return SimpleNamespace(topics={topic: SimpleNamespace(partitions={0: None, 1: None})})

    def get_watermark_offsets(self, at: TopicPartition, **_: float) -> tuple[int, int]:
        """So many records when it was asked."""
        return (0, 5) if at.partition == 0 else (0, 2)

    def assign(self, starts: list[TopicPartition]) -> None:
        """Begin where it is wanted."""
        assert [start.offset for start in starts] == [2, 0]

    def poll(self, _: float) -> Any:
        """Return the next message or event."""
        return next(self._messages)

    def close(self) -> None:
        """Nothing is open."""

    def _read(self) -> Iterator[Any]:
        yield _message(0, 2)
        yield _message(1, 0)
        yield _message(1, 1)
        for offset in range(3, 6):
            yield _message(0, offset)
        yield _message(0, 6)
        yield _message(1, 2, KafkaError(KafkaError._PARTITION_EOF))
        raise AssertionError("it would never end")


def _message(partition: int, offset: int, error: KafkaError | None = None) -> Any:
    return SimpleNamespace(
        error=lambda: error,
        partition=lambda: partition,
        offset=lambda: offset,
        value=lambda: b"\0\0\0\0\x07",
        headers=lambda: None,
    )


def test_records_that_are_written_meanwhile_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest three of each partition, as of the start; a partition that grows has an end."""
    monkeypatch.setattr(topic_usage, "Consumer", BusyConsumer)
    assert read_usage(KafkaSettings(), "kraken.trades", 3) == Counter({7: 5})
