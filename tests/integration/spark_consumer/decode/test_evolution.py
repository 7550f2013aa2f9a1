import json
import random
import threading
from typing import Any

import pytest

from schemas.catalogue import load_catalogue
from spark_consumer.errors import ReaderSchemaUnknown
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker
from tests.integration.spark_consumer.test_stream import await_rows

MANY = 100_000


def with_field(schema: dict[str, Any], name: str, default: str) -> dict[str, Any]:
    """A later version that this code has never seen."""
    field = {"name": name, "type": "string", "default": default, "doc": f"The trade's {name}."}
    return {**schema, "fields": [*schema["fields"], field]}


@pytest.fixture
def unseen() -> dict[str, Any]:
    """The newest released schema with one more field."""
    return with_field(load_catalogue().trade.newest.parsed, "venue_note", "none")


def test_versions_interleave_in_one_batch(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int, unseen: dict[str, Any]
) -> None:
    """Each record is read by the id in its header into the newest; old rows get the default."""
    oldest_id = trades.registry.versions(trades.subject)[0].schema_id
    unseen_id = trades.register(unseen)
    pipeline.send(
        trades.framed(schema_id, trade_id, feed="REST", venue_note="seen")
        for trade_id, schema_id in enumerate([oldest_id, newest_id, unseen_id] * 10, start=1)
    )
    pipeline.land()
    assert pipeline.query(
        "SELECT venue_note, feed, count(*) FROM trades GROUP BY ALL ORDER BY ALL"
    ) == [("none", "REST", 10), ("none", "UNKNOWN", 10), ("seen", "REST", 10)]
    (commit,) = pipeline.commits()
    assert len(commit.files) == 1


def test_new_versions_flow_through_a_running_stream(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int, unseen: dict[str, Any]
) -> None:
    """No restart, no record lost, the new column there, and no more files than without it."""
    oldest_id = trades.registry.versions(trades.subject)[0].schema_id
    stopping = threading.Event()
    run = threading.Thread(
        target=pipeline.land, kwargs={"every": "0 seconds", "stopping": stopping}
    )
    pipeline.send([trades.framed(oldest_id, 1)])
    run.start()
    try:
        await_rows(pipeline, 1)
        unseen_id = trades.register(unseen)
        ids = [oldest_id, newest_id, unseen_id]
        records = [
            trades.framed(ids[trade_id % 3], trade_id, feed="REST", venue_note="seen")
            for trade_id in range(2, MANY + 1)
        ]
        random.Random(1).shuffle(records)
        pipeline.send(records)
        await_rows(pipeline, MANY)
        assert run.is_alive()
    finally:
        stopping.set()
        run.join()
    assert pipeline.query(
        "SELECT count(DISTINCT trade_id), sum(trade_id), count(venue_note) FROM trades"
    ) == [(MANY, MANY * (MANY + 1) // 2, MANY - 1)]
    assert {commit.run_id for commit in pipeline.commits()} == {pipeline.commits()[0].run_id}
    # One symbol and two partitions of the topic: as many files as a single version would give.
    assert max(len(commit.files) for commit in pipeline.commits()) == 1


def test_the_reader_can_be_pinned(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int, unseen: dict[str, Any]
) -> None:
    """READER_SCHEMA=v1 keeps the columns of v1, whatever is written."""
    unseen_id = trades.register(unseen)
    pipeline.send(
        [
            trades.framed(newest_id, 1, feed="REST"),
            trades.framed(unseen_id, 2, feed="REST", venue_note="seen"),
        ]
    )
    pipeline.land(reader_schema="v1")
    columns = {row[0] for row in pipeline.query("DESCRIBE trades")}
    first = {field["name"] for field in load_catalogue().trade.version(1).parsed["fields"]}
    assert columns == first | {"year", "month", "day", "hour"}
    assert pipeline.query("SELECT count(*) FROM trades") == [(2,)]


def test_pinning_an_unregistered_version_is_reported(pipeline: Pipeline) -> None:
    """Before Spark starts, with the versions there are."""
    with pytest.raises(ReaderSchemaUnknown, match="v99"):
        pipeline.land(reader_schema="v99")


def test_enum_symbols_that_the_reader_lacks_become_its_default(
    pipeline: Pipeline, trades: TradeMaker
) -> None:
    """A pinned older reader takes a new side for UNKNOWN, and the trade still lands."""
    narrow, wide = '["BUY", "SELL", "UNKNOWN"]', '["BUY", "SELL", "BOTH", "UNKNOWN"]'
    text = json.dumps(load_catalogue().trade.newest.parsed)
    wider = json.loads(text.replace(narrow, wide))
    wider_id = trades.register(wider)
    pipeline.send([trades.framed(wider_id, 1, side="BOTH", feed="REST")])
    pipeline.land(reader_schema="v1")
    assert pipeline.query("SELECT side FROM trades") == [("UNKNOWN",)]
