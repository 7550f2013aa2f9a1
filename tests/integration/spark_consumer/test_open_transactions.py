"""Committed records that wait behind another producer's open transaction."""

import threading
import time

import pytest
import structlog
from confluent_kafka import Producer

from infra.monitor.reading import take_reading
from spark_consumer import bootstrap
from spark_consumer.kafka.open_transactions import OpenTransactions
from tests.integration.spark_consumer.conftest import PARTITIONS, Pipeline, TradeMaker
from tests.integration.spark_consumer.test_stream import await_rows

WAITING = 100


def test_what_waits_for_a_hanging_transaction_is_reported_with_its_producer(
    pipeline: Pipeline,
    trades: TradeMaker,
    newest_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the stream and by the monitor, while the lake has all that can be read."""
    looks = lambda state, producers: OpenTransactions(state, producers, patience=0.5)  # noqa: E731
    monkeypatch.setattr(bootstrap, "OpenTransactions", looks)
    monkeypatch.setattr(bootstrap, "watched", lambda transactions: WATCHED(transactions, every=0.3))
    hanging = Producer(
        {
            **pipeline.kafka.client_config(),
            "transactional.id": "hangs",
            "transaction.timeout.ms": 600_000,
        }
    )
    hanging.init_transactions()
    pipeline.send([trades.framed(newest_id, 1)])
    stopping = threading.Event()
    run = threading.Thread(
        target=pipeline.land, kwargs={"every": "300 milliseconds", "stopping": stopping}
    )
    with structlog.testing.capture_logs() as logs:
        run.start()
        try:
            await_rows(pipeline, 1)
            hanging.begin_transaction()
            for partition in range(PARTITIONS):
                hanging.produce(pipeline.kafka.topic, b"open", b"k", partition=partition)
            hanging.flush()
            pipeline.send(trades.framed(newest_id, i) for i in range(2, WAITING + 2))
            time.sleep(4)
            reading = take_reading(pipeline.kafka, pipeline.layout)
            hanging.abort_transaction()
            await_rows(pipeline, WAITING + 1)
            time.sleep(1)
        finally:
            stopping.set()
            run.join()
    assert reading.waiting >= WAITING
    assert reading.lag == 0
    assert "wait for a transaction that is still open" in str(reading)
    said = [entry for entry in logs if "still open" in entry["event"]]
    assert {entry["producer"] for entry in said} == {"hangs"}
    assert sum(entry["waiting"] for entry in said) >= WAITING
    assert any(entry["event"] == "transaction ended" for entry in logs)


WATCHED = bootstrap.watched
