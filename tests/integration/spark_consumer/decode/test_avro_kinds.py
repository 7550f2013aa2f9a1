"""Every kind of Avro type and of change, once through stream, compaction and all readers."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from infra.embedded import EmbeddedStack
from lake.log.commit import Role
from lake.log.snapshot import read_snapshot
from lake.read.quarantine import records
from lake.settings import LakeSettings
from lake.verify.result import ProblemKind
from lake.verify.verification import verify
from lake.write.compaction import Compaction
from lake.write.writer import LakeWriter
from runtime.settings import KafkaSettings, RegistrySettings
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry
from schemas.registry.plan import plan_registration
from schemas.registry.registration import apply_plan
from spark_consumer.session import spark_session
from spark_consumer.settings import ConsumerSettings
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker
from tests.integration.spark_consumer.decode.avro_kinds import (
    CHANGES,
    KINDS,
    NEWEST,
    PRICE,
    Change,
    Kind,
    with_kinds,
)

pytestmark = pytest.mark.timeout(1200)  # the first test lands and reads for all of them

Row = dict[str, Any]
OF_ALL_KINDS, FIRST_CHANGE = 2, 10
READERS = ("DuckDB", "Polars", "pyarrow", "Spark")


@dataclass(frozen=True)
class Landed:
    """What readers gave, by reader and trade id, before and after compaction."""

    pipeline: Pipeline
    before: dict[str, dict[int, Row]]
    after: dict[str, dict[int, Row]]


@pytest.fixture(scope="module")
def landed(stack: EmbeddedStack, tmp_path_factory: pytest.TempPathFactory) -> Landed:
    """One topic with a record of each version, landed twice, read, compacted and read again."""
    pipeline, trades = _topic(stack, tmp_path_factory.mktemp("kinds"))
    newest_id = trades.registry.versions(trades.subject)[-1].schema_id
    pipeline.send([trades.framed(newest_id, 1, feed="REST")])
    pipeline.land()
    trades.registry.set_mode(trades.subject, "NONE")
    all_kinds = {kind.name: kind.value for kind in KINDS}
    records = [trades.framed(trades.register(with_kinds()), OF_ALL_KINDS, feed="REST", **all_kinds)]
    for trade_id, change in enumerate(CHANGES, FIRST_CHANGE):
        schema_id = trades.register(change.schema)
        records.append(trades.framed(schema_id, trade_id, feed="REST", **change.values))
    pipeline.send(records)
    pipeline.land()
    before = _as_readers_see_it(pipeline)
    with LakeWriter.open(pipeline.layout, run_id="m", role=Role.MAINTENANCE) as writer:
        snapshot = read_snapshot(pipeline.layout)
        assert list(Compaction(pipeline.layout, writer, "zstd").run(snapshot, datetime.now(UTC)))
    return Landed(pipeline, before, _as_readers_see_it(pipeline))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_field_of_every_kind_comes_back(landed: Landed, kind: Kind, reader: str) -> None:
    """The value as it was written; null in what landed before, also where the two are one file."""
    for seen in (landed.before[reader], landed.after[reader]):
        assert seen[OF_ALL_KINDS][kind.name] == kind.seen
        assert seen[1][kind.name] is None


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("trade_id", "change"),
    [pytest.param(at, one, id=one.sentence) for at, one in enumerate(CHANGES, FIRST_CHANGE)],
)
def test_an_odd_version_neither_stops_the_stream_nor_bends_a_value(
    landed: Landed, trade_id: int, change: Change, reader: str
) -> None:
    """Its record lands with what the reader has, or is in quarantine with the reason."""
    for seen in (landed.before[reader], landed.after[reader]):
        if change.lands is None:
            assert trade_id not in seen
        else:
            row = seen[trade_id]
            assert {name: row[name] for name in change.lands} == change.lands
            assert row["symbol"] == "BTC_USD"


def test_the_reasons_are_reported(landed: Landed) -> None:
    """Quarantine holds one record for each refused version, and nothing else."""
    expected = sorted(change.reason for change in CHANGES if change.lands is None)
    found = records(landed.pipeline.layout, limit=100)
    assert sorted(record.reason for record in found) == expected
    assert all(record.detail for record in found)


def test_no_column_is_from_a_version_that_was_passed_over(landed: Landed) -> None:
    """The reader is the newest with every kind, and folders give their own columns."""
    names = {field["name"] for field in NEWEST["fields"]} | {kind.name for kind in KINDS}
    for reader in READERS:
        row = landed.after[reader][OF_ALL_KINDS]
        assert row.keys() == names | {"year", "month", "day", "hour"}
        assert row["price"] == PRICE


def test_verify_names_the_fields_left_out(landed: Landed) -> None:
    """Those of the versions that were passed over; of files and rows nothing is wrong."""
    problems = verify(landed.pipeline.layout).problems
    (left_out,) = (one for one in problems if one.kind is ProblemKind.LEFT_OUT)
    for name in ("fee", "Price", "Symbol", "hour", "parent", "wall", "span"):
        assert name in left_out.advice
    wrong = {ProblemKind.WRONG_IDS, ProblemKind.UNREADABLE, ProblemKind.DUPLICATES}
    assert not wrong & {one.kind for one in problems}


def _topic(stack: EmbeddedStack, folder: Path) -> tuple[Pipeline, TradeMaker]:
    topic = f"kinds-{uuid.uuid4().hex[:12]}"
    kafka = KafkaSettings(bootstrap_servers=stack.bootstrap_servers, topic=topic)
    admin = AdminClient(kafka.client_config())
    admin.create_topics([NewTopic(topic, num_partitions=1)])[topic].result()
    settings = RegistrySettings(url=stack.registry_url)
    registry = Registry(settings)
    apply_plan(plan_registration(load_catalogue(), topic, registry), registry)
    pipeline = Pipeline(kafka, settings, LakeSettings(base_output_path=folder / "data"))
    return pipeline, TradeMaker(registry, f"{topic}-value")


def _as_readers_see_it(pipeline: Pipeline) -> dict[str, dict[int, Row]]:
    rows = {
        "DuckDB": _duckdb(pipeline),
        "Polars": _polars(pipeline),
        "pyarrow": _pyarrow(pipeline),
        "Spark": _spark(pipeline),
    }
    return {reader: {row["trade_id"]: row for row in seen} for reader, seen in rows.items()}


def _duckdb(pipeline: Pipeline) -> list[Row]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.sql(
            f"FROM read_parquet('{pipeline.layout.trades}/**/*.parquet', "
            "hive_partitioning = true, union_by_name = true)"
        )
        return [_plain(dict(zip(found.columns, row, strict=True))) for row in found.fetchall()]


def _newest(pipeline: Pipeline) -> Path:
    return max(pipeline.layout.trades.rglob("*.parquet"), key=lambda path: path.name)


def _polars(pipeline: Pipeline) -> list[Row]:
    lake = pl.scan_parquet(
        f"{pipeline.layout.trades}/**/*.parquet",
        hive_partitioning=True,
        schema=pl.read_parquet_schema(_newest(pipeline)),
        missing_columns="insert",
    )
    return [_plain(row) for row in lake.collect().to_dicts()]


def _pyarrow(pipeline: Pipeline) -> list[Row]:
    parts = ds.dataset(pipeline.layout.trades, partitioning="hive")
    schema = parts.schema
    for field in pq.read_schema(_newest(pipeline)):
        if field.name not in schema.names:
            schema = schema.append(field)
    lake = ds.dataset(pipeline.layout.trades, partitioning="hive", schema=schema)
    return [_plain(row) for row in lake.to_table().to_pylist()]


def _spark(pipeline: Pipeline) -> list[Row]:
    spark = spark_session(ConsumerSettings(), pipeline.lake)
    try:
        lake = spark.read.option("mergeSchema", "true").parquet(str(pipeline.layout.trades))
        return [_plain(row.asDict(recursive=True)) for row in lake.collect()]
    finally:
        spark.stop()


def _plain(row: Row) -> Row:
    """The same values for all readers: bytes, instants in UTC, maps as dicts."""
    return {name: _plain_value(name, value) for name, value in row.items()}


def _plain_value(name: str, value: Any) -> Any:
    if isinstance(value, bytearray):
        return bytes(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if name == "a_map" and isinstance(value, list):
        pairs = (tuple(one.values()) if isinstance(one, dict) else one for one in value)
        return dict(pairs)
    return value
