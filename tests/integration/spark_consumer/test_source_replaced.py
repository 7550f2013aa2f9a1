"""A topic that is deleted, or created again, while the stream reads it."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from spark_consumer.errors import SourceReplaced
from tests.integration.spark_consumer.conftest import PARTITIONS, Pipeline, TradeMaker
from tests.integration.spark_consumer.test_stream import await_rows

FIRST = 20


@contextmanager
def running(pipeline: Pipeline, every: str) -> Iterator["Future[None]"]:
    """The stream beside the test; its end is in the future."""
    stopping = threading.Event()
    with ThreadPoolExecutor(1) as beside:
        run = beside.submit(pipeline.land, every=every, stopping=stopping)
        try:
            yield run
        finally:
            stopping.set()


def make_anew(pipeline: Pipeline) -> None:
    """Delete the topic and create it again, at once."""
    topic = pipeline.kafka.topic
    admin = AdminClient(pipeline.kafka.client_config())
    admin.delete_topics([topic])[topic].result()
    for _ in range(100):
        try:
            admin.create_topics([NewTopic(topic, num_partitions=PARTITIONS)])[topic].result()
        except Exception:  # noqa: BLE001 - deleting goes on for a moment after it was confirmed
            time.sleep(0.1)
        else:
            return


@pytest.mark.parametrize("more", [200, 1])
def test_a_topic_made_anew_stops_a_running_stream(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int, more: int
) -> None:
    """Filled past the position or not: nothing of it is committed, and the way on is named."""
    pipeline.send(trades.framed(newest_id, i) for i in range(1, FIRST + 1))
    with running(pipeline, "1 second") as run:
        await_rows(pipeline, FIRST)
        make_anew(pipeline)
        pipeline.send(trades.framed(newest_id, 1000 + i) for i in range(more))
        with pytest.raises(SourceReplaced, match="--accept-new-kafka"):
            run.result(90)
    assert pipeline.query("SELECT count(*), max(trade_id) FROM trades") == [(FIRST, FIRST)]
    assert len({commit.source.topic_id for commit in pipeline.commits()}) == 1


def test_a_topic_that_was_deleted_stops_a_running_stream(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """It does not come back for being read, and the error says that it is gone."""
    pipeline.send(trades.framed(newest_id, i) for i in range(1, FIRST + 1))
    admin, topic = AdminClient(pipeline.kafka.client_config()), pipeline.kafka.topic
    with running(pipeline, "1 second") as run:
        await_rows(pipeline, FIRST)
        admin.delete_topics([topic])[topic].result()
        with pytest.raises(SourceReplaced, match="was deleted while the stream ran"):
            run.result(150)
    assert topic not in admin.list_topics(timeout=60).topics
