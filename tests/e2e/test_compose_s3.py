"""Spark and the console in Docker with a lake in an object store: they share nothing else."""

import json
import shutil
import subprocess
from collections.abc import Iterator

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake import files
from lake.errors import LakeError
from lake.layout import LakeLayout
from lake.storage.object_path import lake_path
from tests.e2e.project import ComposeProject, wait_for
from tests.e2e.rows import recorded
from tests.engine import DOCKER, require_engine

pytestmark = pytest.mark.timeout(1800)

SERVICES = ("kafka-producer", "spark-worker", "object-store", "console")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposeProject]:
    """Kafka, producer, Spark's cluster and the store, without Airflow; gone at the end."""
    require_engine()
    folder = tmp_path_factory.mktemp("s3") / "data"
    started = ComposeProject.in_folder(folder, "compose.s3.yaml", REPLAY_RATE="50")
    started.run("down", "--volumes", "--remove-orphans")
    try:
        built = ("kafka", "schema-registry", "register-schemas", "lake-folder", "object-store")
        started.run("build", "--quiet", *built, seconds=1500)
        started.run("up", "--detach", "--wait", *SERVICES, seconds=600)
        yield started
    finally:
        started.run("--profile", "*", "down", "--volumes", "--remove-orphans")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def layout(project: ComposeProject, monkeypatch: pytest.MonkeyPatch) -> LakeLayout:
    """The lake, as this machine reaches it."""
    port = project.environment["STORE_PORT"]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "kraken-lake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "kraken-lake")
    return LakeLayout(lake_path("s3://lake/kraken"), "KRAKEN")


def landed(layout: LakeLayout) -> list[int]:
    """The ids of the lake's trades, each as often as it is there."""
    try:
        tables = [
            pq.read_table(pa.BufferReader(lake_path(file).read_bytes()), columns=["trade_id"])
            for file in files(layout)
        ]
    except LakeError:
        return []  # Before the first commit.
    return sorted(one for table in tables for one in table.column("trade_id").to_pylist())


def counted(project: ComposeProject) -> int:
    """The trades in the console's candles."""
    pair = f"http://127.0.0.1:{project.environment['CONSOLE_PORT']}/pair/BTC_USDT"
    answer = httpx.get(f"{pair}/candles.json", timeout=60)
    if answer.status_code == httpx.codes.NOT_FOUND:
        return 0
    candles = answer.raise_for_status().json()["candles"]
    return sum(one["trades"] for one in candles)


def mounts(project: ComposeProject, service: str) -> list[str]:
    """What the containers of a service have mounted from elsewhere."""
    ids = project.run("ps", "--quiet", service).split()
    answer = subprocess.run(
        [DOCKER, "inspect", *ids], capture_output=True, text=True, check=True, timeout=60
    )
    return [mount["Source"] for one in json.loads(answer.stdout) for mount in one["Mounts"]]


def test_two_workers_that_share_no_folder_land_the_recording(
    project: ComposeProject, layout: LakeLayout
) -> None:
    """Every recorded trade once, written by executors on both; the console counts them all."""
    assert mounts(project, "spark-worker") == []
    project.run("run", "--detach", "--name", "s3-stream", "spark-submit", seconds=600)
    wanted = [row.trade_id for row in recorded()]
    try:
        wait_for(lambda: len(landed(layout)) >= len(wanted), "all trades", seconds=900)
        assert len(project.busy_workers()) == 2
    finally:
        subprocess.run([DOCKER, "rm", "--force", "s3-stream"], check=False, capture_output=True)
    assert landed(layout) == wanted
    assert mounts(project, "console") == []
    # Trades that landed less than a second ago may be missing in a page.
    wait_for(lambda: counted(project) >= len(wanted), "all trades in the console", seconds=60)
    assert counted(project) == len(wanted)
