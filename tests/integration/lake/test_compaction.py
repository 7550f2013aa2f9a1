import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import lake.write.merge_choice
from lake.layout import LakeLayout
from lake.log.commit import Role
from lake.log.snapshot import read_snapshot
from lake.verify.verification import verify
from lake.write.compaction import Compacted, Compaction
from lake.write.open_hours import OpenHoursMerger
from lake.write.writer import LakeWriter
from schemas.catalogue import load_catalogue
from spark_consumer.session import spark_session
from spark_consumer.settings import ConsumerSettings
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker
from tests.integration.spark_consumer.decode.test_evolution import with_field
from tests.integration.spark_consumer.test_stream import await_rows

ROWS = "SELECT * FROM trades ORDER BY trade_id"
AS_NUMBERS = """
    SELECT trade_id, price, volume, side, order_type, misc, exchange, feed, venue_note, symbol,
           {epoch_us}(executed_at), {epoch_us}(ingested_at)
    FROM trades ORDER BY trade_id
"""


def compact(layout: LakeLayout) -> list[Any]:
    """What `kraken-lake compact` does; the trades of these tests are of a closed hour."""
    with LakeWriter.open(layout, run_id="m", role=Role.MAINTENANCE) as writer:
        closed_by = datetime(2026, 2, 1, tzinfo=UTC)
        return list(Compaction(layout, writer, "zstd").run(read_snapshot(layout), closed_by))


def test_what_a_stream_landed_is_compacted_while_it_runs(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """Late trades come beside the new file; every row is there, and the lake holds."""
    stopping = threading.Event()
    run = threading.Thread(
        target=pipeline.land, kwargs={"every": "0 seconds", "stopping": stopping}
    )
    pipeline.send(trades.framed(newest_id, i) for i in range(1, 6))
    run.start()
    try:
        await_rows(pipeline, 5)
        for first in (6, 11, 16):
            pipeline.send(trades.framed(newest_id, i) for i in range(first, first + 5))
            await_rows(pipeline, first + 4)
        (outcome,) = compact(pipeline.layout)
        assert isinstance(outcome, Compacted)
        assert outcome.files >= 4
        pipeline.send(trades.framed(newest_id, i) for i in range(21, 26))
        await_rows(pipeline, 25)
        assert run.is_alive()
    finally:
        stopping.set()
        run.join()
    assert len(list(pipeline.layout.trades.rglob("*.parquet"))) == 2
    compact(pipeline.layout)
    assert len(list(pipeline.layout.trades.rglob("*.parquet"))) == 1
    found = verify(pipeline.layout)
    assert found.holds
    assert found.symbols[0].trades == 25


def test_open_hours_are_merged_while_a_stream_adds_to_them(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batch after batch lands in one hour, which never keeps many files; every row is there."""
    monkeypatch.setattr(lake.write.merge_choice, "MOST_FILES", 3)
    stopping = threading.Event()
    run = threading.Thread(
        target=pipeline.land, kwargs={"every": "0 seconds", "stopping": stopping}
    )
    open_hours = timedelta(days=100_000)
    merger = OpenHoursMerger(pipeline.layout, "zstd", closed_after=open_hours)
    merged = 0
    pipeline.send([trades.framed(newest_id, 1)])
    run.start()
    try:
        for newest in range(2, 22):
            await_rows(pipeline, newest - 1)
            for outcome in merger.round(datetime.now(UTC)):
                assert isinstance(outcome, Compacted)
                merged += 1
            assert len(list(pipeline.layout.trades.rglob("*.parquet"))) <= 3
            pipeline.send([trades.framed(newest_id, newest)])
        await_rows(pipeline, 21)
        assert run.is_alive()
    finally:
        stopping.set()
        run.join()
    assert merged >= 5
    found = verify(pipeline.layout)
    assert found.holds
    assert found.symbols[0].trades == 21


def test_readers_find_the_same_rows_in_a_compacted_file(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """DuckDB and Spark: every column, digit and microsecond, and null where a column is newer."""
    oldest_id = trades.registry.versions(trades.subject)[0].schema_id
    unseen = with_field(load_catalogue().trade.newest.parsed, "venue_note", "none")
    pipeline.send(trades.framed(oldest_id, i) for i in (3, 1))
    pipeline.land(reader_schema="v1")
    pipeline.send(trades.framed(newest_id, i, feed="REST") for i in (4, 2))
    pipeline.land()
    later_id = trades.register(unseen)
    pipeline.send([trades.framed(later_id, 5, feed="REST", venue_note="seen")])
    pipeline.land()
    before = pipeline.query(ROWS)
    (outcome,) = compact(pipeline.layout)
    assert (outcome.trades, outcome.files) == (5, 3)
    assert pipeline.query(ROWS) == before
    notes = "SELECT feed, venue_note FROM trades ORDER BY trade_id"
    assert pipeline.query(notes) == [
        (None, None),
        ("REST", None),
        (None, None),
        ("REST", None),
        ("REST", "seen"),
    ]
    assert spark_rows(pipeline) == pipeline.query(AS_NUMBERS.format(epoch_us="epoch_us"))


def spark_rows(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    """What Spark reads, with times as numbers, since it hands them on in the machine's zone."""
    spark = spark_session(ConsumerSettings(), pipeline.lake)
    try:
        spark.read.parquet(str(pipeline.layout.trades)).createOrReplaceTempView("trades")
        return [
            tuple(row) for row in spark.sql(AS_NUMBERS.format(epoch_us="unix_micros")).collect()
        ]
    finally:
        spark.stop()
