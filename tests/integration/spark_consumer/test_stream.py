import threading
import time
from datetime import UTC, datetime

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from runtime.errors import TopicMissing
from spark_consumer.errors import SourceReplaced
from spark_consumer.kafka.source import Acceptance
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker


def test_trades_land_once_with_every_digit(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """What was sent is what a plain listing holds, and running again adds nothing."""
    pipeline.send(trades.framed(newest_id, i) for i in range(1, 1001))
    pipeline.land()
    pipeline.land()
    (row,) = pipeline.query(
        "SELECT count(*), count(DISTINCT trade_id), min(trade_id), max(trade_id), "
        "min(price), max(price), min(volume), max(volume), any_value(symbol), "
        "min(executed_at), max(executed_at) FROM trades"
    )
    assert row[:4] == (1000, 1000, 1, 1000)
    assert [str(figure) for figure in row[4:8]] == [
        "105433.6000000000",
        "105433.6000000000",
        "0.0002762500",
        "0.0002762500",
    ]
    assert row[8] == "BTC_USD"
    assert row[9:] == (
        datetime(2026, 1, 30, 18, 0, 0, 1000, UTC),
        datetime(2026, 1, 30, 18, 0, 1, 0, UTC),
    )


def test_files_lie_where_the_layout_says_and_nothing_else_does(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """Hours of UTC event time, numbers without padding, the symbol with an underscore."""
    for symbol in ("BTC/USD", "ETH/USDT"):
        pipeline.send(
            [
                trades.framed(newest_id, 1, symbol=symbol),
                trades.framed(
                    newest_id, 2, symbol=symbol, executed_at=datetime(2026, 1, 2, 3, 59, tzinfo=UTC)
                ),
            ]
        )
    pipeline.land()
    found = [path for path in pipeline.layout.trades.rglob("*") if path.is_file()]
    assert all(path.match("part-*.parquet") for path in found)
    assert sorted(path.parent.relative_to(pipeline.layout.base).as_posix() for path in found) == [
        "KRAKEN/year=2026/month=1/day=2/hour=3/symbol=BTC_USD",
        "KRAKEN/year=2026/month=1/day=2/hour=3/symbol=ETH_USDT",
        "KRAKEN/year=2026/month=1/day=30/hour=18/symbol=BTC_USD",
        "KRAKEN/year=2026/month=1/day=30/hour=18/symbol=ETH_USDT",
    ]
    left_behind = pipeline.layout.platform.rglob("*.parquet")
    assert not list(left_behind)


def test_checkpoints_are_thrown_away(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """Neither this run's nor one that a killed run left behind outlives the run."""
    (pipeline.layout.checkpoints / "killed" / "offsets").mkdir(parents=True)
    pipeline.send([trades.framed(newest_id, 1)])
    pipeline.land()
    assert not list(pipeline.layout.checkpoints.glob("*"))


def test_a_running_stream_lands_what_comes_and_ends_when_asked_to(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """Batch after batch, each a commit; the next run goes on where this one stopped."""
    stopping = threading.Event()
    pipeline.send(trades.framed(newest_id, i) for i in range(1, 11))
    run = threading.Thread(
        target=pipeline.land, kwargs={"every": "0 seconds", "stopping": stopping}
    )
    run.start()
    try:
        await_rows(pipeline, 10)
        pipeline.send(trades.framed(newest_id, i) for i in range(11, 21))
        await_rows(pipeline, 20)
    finally:
        stopping.set()
        run.join()
    pipeline.send(trades.framed(newest_id, i) for i in range(21, 31))
    pipeline.land()
    assert pipeline.query("SELECT count(*), count(DISTINCT trade_id) FROM trades") == [(30, 30)]
    assert [commit.rows for commit in pipeline.commits() if commit.rows] == [10, 10, 10]


def test_a_large_backlog_is_landed_in_bounded_batches(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """MAX_OFFSETS_PER_TRIGGER bounds a batch, not what is landed."""
    pipeline.send(trades.framed(newest_id, i) for i in range(1, 1001))
    pipeline.land(max_offsets_per_trigger=300)
    rows = [commit.rows for commit in pipeline.commits()]
    assert sum(rows) == 1000
    assert max(rows) <= 300


def test_trades_of_an_aborted_transaction_never_land(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """Only what was committed is read."""
    from confluent_kafka import Producer  # noqa: PLC0415 - this test alone aborts

    config = {**pipeline.kafka.client_config(), "transactional.id": f"{pipeline.kafka.topic}.a"}
    producer = Producer(config)
    producer.init_transactions()
    producer.begin_transaction()
    key, value = trades.framed(newest_id, 666)
    producer.produce(pipeline.kafka.topic, value, key)
    producer.flush()
    producer.abort_transaction()
    pipeline.send([trades.framed(newest_id, 1)])
    pipeline.land()
    assert pipeline.query("SELECT trade_id FROM trades") == [(1,)]


def test_a_topic_made_anew_stops_the_stream_until_it_is_accepted(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """And then only trades that had not landed are added."""
    pipeline.send(trades.framed(newest_id, i) for i in range(1, 11))
    pipeline.land()
    topic = pipeline.kafka.topic
    admin = AdminClient(pipeline.kafka.client_config())
    admin.delete_topics([topic])[topic].result()
    _create_again(admin, topic)
    pipeline.send(trades.framed(newest_id, i) for i in range(5, 16))
    with pytest.raises(SourceReplaced, match="--accept-new-kafka"):
        pipeline.land()
    pipeline.land(accept=Acceptance(new_kafka=True))
    pipeline.land()
    assert pipeline.query("SELECT count(*), count(DISTINCT trade_id) FROM trades") == [(15, 15)]


def test_a_missing_topic_is_reported(pipeline: Pipeline) -> None:
    """The error says who creates it."""
    elsewhere = pipeline.kafka.model_copy(update={"topic": "no.such.topic"})
    with pytest.raises(TopicMissing, match="start the producer"):
        Pipeline(elsewhere, pipeline.registry, pipeline.lake).land()


def await_rows(pipeline: Pipeline, rows: int) -> None:
    """Wait until this many trades are listed."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        landed = any(pipeline.layout.trades.rglob("*.parquet"))
        if landed and pipeline.query("SELECT count(*) FROM trades") == [(rows,)]:
            return
        time.sleep(0.1)
    raise AssertionError(f"{rows} trades did not land within 90 s")


def _create_again(admin: AdminClient, topic: str) -> None:
    """Deleting a topic goes on for a moment after it was confirmed."""
    deadline = time.monotonic() + 30
    while True:
        try:
            admin.create_topics([NewTopic(topic, num_partitions=2)])[topic].result()
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return
