"""Text that is not UTF-8, at any depth, is kept out of files that it would make unreadable."""

import json
from typing import Any

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from lake.verify.verification import verify
from spark_consumer.decode.reasons import Reason
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker

POINT = {"type": "record", "name": "Point", "fields": [{"name": "name", "type": "string"}]}
NESTED: list[dict[str, Any]] = [
    {"name": "notes", "type": {"type": "array", "items": "string"}, "default": []},
    {"name": "tags", "type": {"type": "map", "values": "string"}, "default": {}},
    {"name": "counts", "type": {"type": "map", "values": "long"}, "default": {}},
    {"name": "point", "type": ["null", POINT], "default": None},
    {"name": "points", "type": {"type": "array", "items": "Point"}, "default": []},
    {"name": "either", "type": ["null", "long", "string"], "default": None},
]
MARK, NO_TEXT = "MARK", b"M\xff\xfeK"
FIELDS: list[dict[str, Any]] = [
    {"notes": ["fine", MARK]},
    {"tags": {MARK: "fine"}},
    {"tags": {"fine": MARK}},
    {"counts": {MARK: 1}},
    {"point": {"name": MARK}},
    {"points": [{"name": "fine"}, {"name": MARK}]},
    {"either": MARK},
    {"misc": MARK},
]


@pytest.fixture
def nested_id(trades: TradeMaker, newest_id: int) -> int:
    """The id of a version that holds text in arrays, maps, records and unions."""
    schema = json.loads(trades.registry.schema_text(newest_id))
    return trades.register({**schema, "fields": [*schema["fields"], *NESTED]})


def test_text_is_checked_at_every_depth(
    pipeline: Pipeline, trades: TradeMaker, nested_id: int
) -> None:
    """Real text lands, anything else goes to quarantine, and every reader reads every file."""
    good = [trades.framed(nested_id, 1 + at, **fields) for at, fields in enumerate(FIELDS)]
    bad = [trades.framed(nested_id, 101 + at, **fields) for at, fields in enumerate(FIELDS)]
    spoilt = [(key, value.replace(MARK.encode(), NO_TEXT)) for key, value in bad if value]
    pipeline.send([*good, *spoilt, trades.framed(nested_id, 50)])
    pipeline.land()
    ids = pipeline.query("SELECT trade_id FROM trades ORDER BY ALL")
    assert [trade_id for (trade_id,) in ids] == [*range(1, 1 + len(FIELDS)), 50]
    reasons = pipeline.query("SELECT reason, count(*) FROM quarantine GROUP BY ALL")
    assert reasons == [(Reason.NO_TEXT.value, len(FIELDS))]
    files = list(pipeline.layout.trades.rglob("*.parquet"))
    with duckdb.connect() as connection:
        for path in files:
            pq.read_table(path, partitioning=None).validate(full=True)
            assert len(pl.read_parquet(path, hive_partitioning=False))
            assert connection.execute("FROM read_parquet(?)", [str(path)]).fetchall()
    found = verify(pipeline.layout, full=True)
    assert {problem.kind.value for problem in found.problems} <= {"suspected gap"}
