"""Records that Spark's Kafka source cannot read, each of which could stop a stream permanently."""

import json
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # public, not in its __all__
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from runtime.settings import KafkaSettings
from spark_consumer.decode.reasons import Reason
from spark_consumer.kafka.record_bounds import CUT_HEADER, KEPT_BYTES
from tests.integration.spark_consumer.conftest import Pipeline, Record, TradeMaker

NANOSECONDS = 1_769_793_600_000_000_000
LARGE = 90_000_000
FURTHEST = str(2**63 - 1)


@pytest.fixture
def lenient(pipeline: Pipeline) -> Pipeline:
    """A topic that takes any timestamp, as most do that were made by hand."""
    let_any_time_in(pipeline.kafka)
    return pipeline


def let_any_time_in(kafka: KafkaSettings) -> None:
    """As brokers older than Kafka 4 do by default."""
    entries = [
        ConfigEntry(f"message.timestamp.{side}.max.ms", FURTHEST, incremental_operation=_SET)
        for side in ("before", "after")
    ]
    resource = ConfigResource(ResourceType.TOPIC, kafka.topic, incremental_configs=entries)
    admin = AdminClient(kafka.client_config())
    admin.incremental_alter_configs([resource])[resource].result()


_SET = AlterConfigOpType.SET


def send(pipeline: Pipeline, record: Record, **more: object) -> None:
    """One record, in a batch of its own."""
    large = {"message.max.bytes": 1_000_000_000, "queue.buffering.max.kbytes": 2_000_000}
    producer = Producer({**pipeline.kafka.client_config(), **large, "compression.type": "zstd"})
    producer.produce(pipeline.kafka.topic, record[1], record[0], partition=0, **more)
    assert not producer.flush(60)


@pytest.mark.parametrize("timestamp", [NANOSECONDS, 2**63 - 1])
def test_a_trade_lands_whatever_its_kafka_timestamp(
    lenient: Pipeline, trades: TradeMaker, newest_id: int, timestamp: int
) -> None:
    """Nanoseconds given as milliseconds: Spark cannot make a date of it, and the trade is good."""
    for number, at in enumerate((0, timestamp, 0), start=1):
        send(lenient, trades.framed(newest_id, number), timestamp=at)
    lenient.land()
    assert lenient.query("SELECT trade_id FROM trades ORDER BY 1") == [(1,), (2,), (3,)]
    assert not lenient.commits()[-1].quarantined_rows


def test_values_that_decompress_to_more_than_memory_are_quarantined(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """Eight of 90 MB, three kilobytes each on the wire: the stream lives, and says what it kept."""
    send(pipeline, trades.framed(newest_id, 1))
    for _ in range(8):
        send(pipeline, (b"k", bytes(LARGE)))
    send(pipeline, trades.framed(newest_id, 2))
    pipeline.land()
    assert pipeline.query("SELECT trade_id FROM trades ORDER BY 1") == [(1,), (2,)]
    rows = pipeline.query('SELECT reason, detail, octet_length(value), "offset" FROM quarantine')
    assert sorted(row[3] for row in rows) == list(range(1, 9))
    assert {(row[0], row[2]) for row in rows} == {(Reason.TOO_LARGE.value, KEPT_BYTES)}
    assert {json.loads(row[1])["value"]["bytes"] for row in rows} == {LARGE}
    assert pipeline.query(
        f"SELECT count(*) FROM quarantine WHERE headers::VARCHAR LIKE '%{CUT_HEADER}%'"
    ) == [(8,)]
    assert not attempt_file(pipeline).exists()


def test_a_batch_that_failed_before_is_read_record_by_record_at_once(
    lenient: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """What ended a whole run with Spark's JVM is not given to Spark again."""
    send(lenient, trades.framed(newest_id, 1))
    attempt_file(lenient).parent.mkdir(parents=True)
    attempt_file(lenient).write_text('{"start": {"0": 0, "1": 0}, "failures": 1}')
    lenient.land()
    assert lenient.query("SELECT trade_id FROM trades") == [(1,)]
    assert not attempt_file(lenient).exists()


def attempt_file(pipeline: Pipeline) -> Path:
    """Where a run leaves word of a failure."""
    return pipeline.layout.platform / "stream.attempt.json"
