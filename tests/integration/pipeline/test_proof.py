"""`kraken-lake verify` against Kraken and Kafka, on lakes that the whole pipeline filled."""

import json
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from infra.embedded import EmbeddedStack
from infra.fake_kraken import (
    DEFAULT_RECORDING,
    Fault,
    FaultKind,
    ReplayServer,
    load_recording,
    synthetic_tapes,
)
from lake.log.commit import Commit
from lake.settings import LakeSettings
from lake.storage.checksum import checksum
from runtime.settings import KafkaSettings, RegistrySettings
from schemas.registry.client import Registry
from tests.integration.pipeline.conftest import listed, produce, run_program
from tests.integration.producer.conftest import ProducerProcess, Reader
from tests.integration.spark_consumer.conftest import Pipeline

PAST_SECONDS = 1200
HOLE = 4


@pytest.fixture
def pipeline(environment: dict[str, str], stack: EmbeddedStack, tmp_path: Path) -> Pipeline:
    """The stream from the test's topic into a lake of the test's own."""
    return Pipeline(
        KafkaSettings(bootstrap_servers=stack.bootstrap_servers, topic=environment["KAFKA_TOPIC"]),
        RegistrySettings(url=stack.registry_url),
        LakeSettings(base_output_path=tmp_path / "data"),
    )


def verify(environment: dict[str, str], lake: Path) -> tuple[int, dict[str, Any]]:
    """Exit status and findings of `lake verify` against both."""
    command = (sys.executable, "-m", "lake", "verify", "--against-kraken", "--against-kafka")
    ended = run_program(
        *command, "--json", environment={**environment, "BASE_OUTPUT_PATH": str(lake)}
    )
    return ended.returncode, json.loads(ended.stdout)


@pytest.fixture
def kraken_at_work() -> Iterator[ReplayServer]:
    """Synthetic trades of one pair, one a second: twenty minutes of them, and more to come.

    Kraken lacks some trades permanently, from the first requested page on.
    """
    start = time.time_ns() - PAST_SECONDS * 10**9
    tapes = synthetic_tapes(
        load_recording(DEFAULT_RECORDING), count=2 * PAST_SECONDS, rate=1.0, start=start
    )
    with ReplayServer(tapes, faults=[Fault(kind=FaultKind.HOLE, trades=HOLE)]) as server:
        yield server


def test_what_live_recording_and_backfills_both_fetch_lands_once_and_is_proved(
    environment: dict[str, str],
    pipeline: Pipeline,
    kraken_at_work: ReplayServer,
    registry: Registry,
    tmp_path: Path,
) -> None:
    """A backfill over what has landed already, during live recording, and over all of it again."""
    half = datetime.now(UTC) - timedelta(seconds=PAST_SECONDS / 2)
    settings = {
        **environment,
        "KRAKEN_API_URL": kraken_at_work.url,
        "KRAKEN_PAIR": "SYN1/USDT",
        "START_FROM": half.isoformat(),
        "GAP_CONFIRMATION_SECONDS": "3",
    }
    live = ProducerProcess(["-m", "producer"], settings, tmp_path, tmp_path / "live.log")
    try:
        live.wait_for("recorded")
        pipeline.land()
        for to in ((), ("--to", datetime.now(UTC).isoformat())):
            backfill = (sys.executable, "-m", "producer", "backfill", "--from", "beginning", *to)
            assert run_program(*backfill, environment=settings).returncode == 0
        pipeline.land()
        live.wait_for("recorded", len(live.events("recorded")) + 1)
        # Whoever asks last confirms the hole, live recording or a backfill.
        reader = Reader(pipeline.kafka.bootstrap_servers, registry)
        live.wait_until(lambda: bool(reader.messages(f"{pipeline.kafka.topic}.holes")))
    finally:
        assert live.end(signal.SIGTERM) == 0
    pipeline.land()
    lake = pipeline.lake.base_output_path
    ids = [trade_id for (trade_id,) in listed(pipeline.layout.trades, "trade_id")]
    assert len(set(ids)) == len(ids) == ids[-1] - HOLE > PAST_SECONDS
    dropped = sum(commit.duplicates_dropped for commit in pipeline.commits())
    assert dropped > PAST_SECONDS
    status, found = verify(settings, lake)
    assert (status, found["problems"], found["silent"]) == (0, [], [])
    assert found["symbols"][0]["confirmed"] == HOLE
    assert found["candles"][0]["minutes"] >= PAST_SECONDS // 60 - 3
    assert found["behind"] == 0


def test_recorded_trades_are_proved_and_a_changed_digit_is_found(
    environment: dict[str, str], pipeline: Pipeline, tmp_path: Path
) -> None:
    """Every minute with and without trades; then one price differs, which nothing else reveals."""
    produce(environment)
    pipeline.land()
    lake = pipeline.lake.base_output_path
    status, found = verify(environment, lake)
    assert (status, found["problems"]) == (0, [])
    (proof,) = found["candles"]
    assert (proof["symbol"], proof["minutes"]) == ("BTC/USDT", 408)
    assert proof["first"] == "2025-11-10T17:24:00+00:00"
    copy = tmp_path / "copy"
    shutil.copytree(lake, copy)
    _change_a_digit(copy)
    status, found = verify(environment, copy)
    assert status == 1
    (problem,) = found["problems"]
    assert (problem["kind"], problem["where"]) == ("another candle", "BTC/USDT 2025-11-10T20:00Z")
    assert problem["advice"].startswith("open is ")
    topic = {**environment, "KAFKA_TOPIC": f"{environment['KAFKA_TOPIC']}.holes"}
    ended = run_program(
        *(sys.executable, "-m", "lake", "verify", "--against-kafka"),
        environment={**topic, "BASE_OUTPUT_PATH": str(lake)},
    )
    assert (ended.returncode, "another Kafka: " in ended.stdout) == (1, True)


def _change_a_digit(lake: Path) -> None:
    """Change the first price after 20:00, and the commit log with it."""
    (path,) = (lake / "KRAKEN").rglob("hour=20/*/*.parquet")
    rows = pq.read_table(path, partitioning=None)
    prices = rows.column("price").to_pylist()
    prices[0] += Decimal("0.1")
    changed = rows.set_column(
        rows.column_names.index("price"), "price", pa.array(prices, pa.decimal128(28, 10))
    )
    pq.write_table(changed, path)
    (log,) = (lake / "_platform" / "KRAKEN" / "commits").glob("0*.json")
    commit = Commit.model_validate_json(log.read_text())
    now = {"bytes": path.stat().st_size, "checksum": checksum(path)}
    files = [
        file.model_copy(update=now) if lake / file.path == path else file for file in commit.files
    ]
    log.write_text(commit.model_copy(update={"files": tuple(files)}).model_dump_json())
