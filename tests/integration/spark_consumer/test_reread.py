import os
import subprocess
import sys
from typing import Any

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from lake.log.commit import CommitRange
from lake.verify.result import ProblemKind
from lake.verify.verification import verify
from schemas.catalogue import load_catalogue
from spark_consumer.bootstrap import Settings
from spark_consumer.errors import OffsetsGone
from spark_consumer.reread import reread
from spark_consumer.settings import ConsumerSettings
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker
from tests.integration.spark_consumer.decode.test_evolution import with_field


@pytest.fixture
def lossy() -> dict[str, Any]:
    """A version that has a note, and lacks a field that the newest has: it becomes no reader."""
    noted = with_field(load_catalogue().trade.newest.parsed, "venue_note", "none")
    return {**noted, "fields": [one for one in noted["fields"] if one["name"] != "misc"]}


def test_what_a_version_that_was_passed_over_had_is_landed_again_once(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int, lossy: dict[str, Any]
) -> None:
    """The loss is named by verify; a fuller version is registered, and reread mends the range."""
    lossy_id = trades.register(lossy)
    records = [
        trades.framed(lossy_id, 1, venue_note="seen"),
        trades.framed(newest_id, 2, feed="REST"),
    ]
    pipeline.send(records)
    pipeline.land()
    (problem,) = verify(pipeline.layout).problems
    assert problem.kind is ProblemKind.LEFT_OUT
    assert "venue_note" in problem.advice
    trades.register(with_field(load_catalogue().trade.newest.parsed, "venue_note", "none"))
    pipeline.send([*records, trades.framed(newest_id, 3, feed="REST")])
    pipeline.land()

    environment = {
        "BASE_OUTPUT_PATH": str(pipeline.lake.base_output_path),
        "KAFKA_TOPIC": pipeline.kafka.topic,
        "KAFKA_BOOTSTRAP_SERVERS": pipeline.kafka.bootstrap_servers,
        "SCHEMA_REGISTRY_URL": pipeline.registry.url,
    }
    finished = subprocess.run(
        [sys.executable, "-m", "lake", "reread", "--from-commit", "1"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "holds 2 trades in 1 files in place of 1" in finished.stdout
    assert pipeline.query(
        "SELECT trade_id, venue_note, feed, misc FROM trades ORDER BY trade_id"
    ) == [(1, "seen", "UNKNOWN", ""), (2, "none", "REST", ""), (3, "none", "REST", "")]
    assert verify(pipeline.layout).holds
    pipeline.land()
    assert pipeline.query("SELECT count(*) FROM trades") == [(3,)]


def test_a_range_that_kafka_has_deleted_is_reported(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """With the offsets, and nothing is changed."""
    pipeline.send([trades.framed(newest_id, trade_id, feed="REST") for trade_id in (1, 2, 3)])
    pipeline.land()
    before = pipeline.commits()
    admin = AdminClient(pipeline.kafka.client_config())
    partition = next(at for at, span in before[0].offsets.items() if span.end > span.start)
    place = TopicPartition(pipeline.kafka.topic, partition, 2)
    admin.delete_records([place])[place].result()
    settings = Settings(ConsumerSettings(), pipeline.kafka, pipeline.registry, pipeline.lake)
    with pytest.raises(OffsetsGone, match=r"by partition: \{\d: \(0, 1\)\}"):
        reread(settings, CommitRange(first=1, last=1))
    assert pipeline.commits() == before
