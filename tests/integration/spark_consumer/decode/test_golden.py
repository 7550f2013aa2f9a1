from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows it by

from lake.settings import LakeSettings
from schemas.avro.wire import unframe
from schemas.catalogue import Contract, SchemaVersion, load_catalogue
from schemas.releases.golden import GoldenRecord, plain
from spark_consumer.decode import columns
from spark_consumer.decode.decoder import Decoder
from spark_consumer.decode.decoding_plan import DecodingPlan
from spark_consumer.decode.length_check import GUARD
from spark_consumer.session import SparkApplication
from spark_consumer.settings import ConsumerSettings
from tests.golden_records import load_golden

CONTRACTS = list(load_catalogue())
VERSIONS = [version for contract in CONTRACTS for version in contract.versions]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """The session as the stream has it; a later one has settings of its own."""
    lake = LakeSettings(base_output_path=Path(tmp_path_factory.mktemp("lake")))
    with SparkApplication(ConsumerSettings(), lake) as application:
        yield application.session


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_spark_reads_every_golden_record_as_it_was_meant(
    spark: SparkSession, version: SchemaVersion
) -> None:
    """from_avro, guard and all, gives the values recorded beside the bytes."""
    golden = load_golden(version)
    rows = decoded(spark, golden, plan_for(golden, version, version))
    for record, row in zip(golden, rows, strict=True):
        assert row.pop(columns.GUARD_FIELD) == GUARD
        assert row.pop(columns.INEXACT_FIELD) is None
        assert plain(row) == record.value, record.name


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.record)
def test_the_newest_reader_reads_the_golden_records_of_every_version(
    spark: SparkSession, contract: Contract
) -> None:
    """All fields that both versions have come back the same; new ones as their default."""
    for version in contract.versions:
        golden = load_golden(version)
        rows = decoded(spark, golden, plan_for(golden, version, contract.newest))
        for record, row in zip(golden, rows, strict=True):
            assert row.pop(columns.GUARD_FIELD) == GUARD
            assert row.pop(columns.INEXACT_FIELD) is None
            assert plain(row).items() >= record.value.items(), record.name


def plan_for(
    golden: list[GoldenRecord], writer: SchemaVersion, reader: SchemaVersion
) -> DecodingPlan:
    """One writer schema under the id in the records' headers."""
    (schema_id,) = {unframe(record.framed)[0] for record in golden}
    return DecodingPlan({schema_id: writer.text}, reader.text, str(reader))


def decoded(
    spark: SparkSession, golden: list[GoldenRecord], plan: DecodingPlan
) -> list[dict[str, object]]:
    """Golden records through the stream's own decoding, as Kafka would give them."""
    at = datetime(2026, 1, 30, tzinfo=UTC)
    kafka = spark.createDataFrame(
        [("t", 0, n, at, b"k", record.framed, None) for n, record in enumerate(golden)],
        "topic string, partition int, offset long, timestamp timestamp, key binary, value binary, "
        "headers array<struct<key:string,value:binary>>",
    )
    records = Decoder(plan, {}).decoded(kafka).orderBy("kafka-offset")
    # Python cannot make a local time of the earliest instants, so they are collected as numbers.
    instants = {name for name, kind in records.dtypes if kind == "timestamp"}
    beside = ("kafka-", "schema-")
    fields = [name for name in records.columns if not name.startswith(beside)]
    rows: list[Row] = records.select(
        *(F.unix_micros(name).alias(name) if name in instants else name for name in fields)
    ).collect()
    return [
        {name: instant(row[name]) if name in instants else row[name] for name in fields}
        for row in rows
    ]


def instant(microseconds: int) -> datetime:
    """Microseconds since 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
