"""The whole platform in Docker, in the order of these tests: up, killed part by part, down.

Recorded trades come at three a second, so that they are under way while the parts are killed.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.project import BACKFILL, MAINTENANCE, STREAMING, ComposeProject, wait_for
from tests.e2e.rows import landed, recorded
from tests.engine import DOCKER, ROOT, require_engine

pytestmark = pytest.mark.timeout(1200)

ONE_SHOT = {"airflow-init", "lake-folder", "register-schemas"}
KILLED = [
    "kafka-producer",
    "spark-worker",
    "spark-master",
    "schema-registry",
    "kafka",
    "postgres",
    "airflow-apiserver",
    "airflow-dag-processor",
    "airflow-triggerer",
    "airflow-scheduler",
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake's folder on the host, not there yet."""
    return tmp_path_factory.mktemp("e2e") / "data"


@pytest.fixture(scope="module")
def project(lake: Path) -> Iterator[ComposeProject]:
    """The platform, built and up; gone with its volumes at the end, whatever happened."""
    require_engine()
    started = ComposeProject.in_folder(lake, STREAM_MINUTES="3", REPLAY_RATE="3")
    started.run("down", "--volumes", "--remove-orphans")
    try:
        started.run("build", "--quiet", seconds=1200)
        started.up()
        yield started
    finally:
        if started.remains():
            _keep_logs(started)
        started.run("--profile", "*", "down", "--volumes", "--remove-orphans")
        shutil.rmtree(lake, ignore_errors=True)


def _keep_logs(project: ComposeProject) -> None:
    """Write the logs to a file, to find out what happened."""
    folder = ROOT / ".state" / "e2e"
    folder.mkdir(parents=True, exist_ok=True)
    log = project.run("logs", "--no-color", "--timestamps")
    (folder / "compose.log").write_text(log, encoding="utf-8")


def assert_nothing_lost_or_doubled(lake: Path) -> int:
    """What has landed is the recording from its first row on, each row once; returns how many."""
    rows = landed(lake)
    assert rows == recorded()[: len(rows)]
    return len(rows)


def test_the_default_names_three_public_images_and_needs_no_settings() -> None:
    """Nothing of the stand-ins is used unless asked for."""
    require_engine()
    answer = subprocess.run(
        [DOCKER, "compose", "config", "--images"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    pulled = {image for image in answer.stdout.split() if not image.startswith("kraken-lake/")}
    assert pulled == {
        "apache/kafka:4.1.1",
        "confluentinc/cp-schema-registry:8.1.1",
        "postgres:15-bookworm",
    }


def test_one_command_brings_everything_up_healthy(project: ComposeProject) -> None:
    """Services that go on are healthy; those that do one thing have done it."""
    states = project.states()
    assert {name for name, state in states.items() if state == "exited 0"} == ONE_SHOT
    assert {name: state for name, state in states.items() if name not in ONE_SHOT} == dict.fromkeys(
        states.keys() - ONE_SHOT, "healthy"
    )


def test_trades_land_through_airflow_and_the_cluster(project: ComposeProject, lake: Path) -> None:
    """Without a hand on it: the DAG runs the stream, with an executor on each worker."""
    wait_for(lambda: landed(lake), "a first row", seconds=240)
    assert_nothing_lost_or_doubled(lake)
    # After a kill there is no stream for a moment, and two while one takes over from the other.
    wait_for(lambda: len(project.busy_workers()) == 2, "an executor on each", seconds=120)
    wait_for(lambda: len(project.master()["activeapps"]) == 1, "one stream", seconds=180)


@pytest.mark.parametrize("service", KILLED)
def test_a_killed_service_comes_back(service: str, project: ComposeProject, lake: Path) -> None:
    """Killed and started again, everything is healthy, and no row is lost or doubled."""
    project.run("kill", service)
    project.up()
    assert all(
        state == ("exited 0" if name in ONE_SHOT else "healthy")
        for name, state in project.states().items()
    )
    assert_nothing_lost_or_doubled(lake)


def test_every_recorded_trade_lands_once(project: ComposeProject, lake: Path) -> None:
    """After all of that: row by row what was recorded."""
    del project
    wait_for(lambda: len(landed(lake)) >= len(recorded()), "every row", seconds=400)
    assert landed(lake) == recorded()


def test_a_run_ends_in_good_order(project: ComposeProject) -> None:
    """The stream ends when that of the next run takes over; the monitor has nothing to say."""
    wait_for(lambda: project.runs("success"), "a run that succeeded", seconds=400)


def test_the_past_by_hand_lands_nothing_twice(project: ComposeProject, lake: Path) -> None:
    """The DAG `kraken_backfill`, over trades that are all there already."""
    before = "2020-01-01T00:00:00Z"
    assert project.run_dag(BACKFILL, pair="BTC/USDT", **{"from": before}) == "success"
    time.sleep(10)
    assert landed(lake) == recorded()


def test_the_lake_is_compacted_and_proved(project: ComposeProject, lake: Path) -> None:
    """The DAG `kraken_lake_maintenance`: one file an hour, and an asset that names the hours."""
    assert project.run_dag(MAINTENANCE) == "success"
    assert landed(lake) == recorded()
    hours = {file.parent for file in lake.glob("KRAKEN/**/*.parquet")}
    assert len(list(lake.glob("KRAKEN/**/*.parquet"))) == len(hours)
    events = project.airflow("assets/events")["asset_events"]
    runs = [run for event in events for run in event["extra"].get("hours", {}).get("BTC/USDT", ())]
    assert any(first <= "2025-11-10T18:00Z" <= last for first, last in runs)


def test_a_file_that_is_gone_turns_the_run_red(project: ComposeProject, lake: Path) -> None:
    """And the run is green again once the file is back."""
    file = next(lake.glob("KRAKEN/**/*.parquet"))
    file.rename(lake / "taken")
    assert project.run_dag(MAINTENANCE) == "failed"
    (lake / "taken").rename(file)
    assert project.run_dag(MAINTENANCE) == "success"


def test_the_stream_by_hand_takes_over_from_the_dag(project: ComposeProject, lake: Path) -> None:
    """`make spark-submit`: the same stream, from a container of its own, without an end."""
    project.pause(paused=True)
    project.run("run", "--detach", "--name", "e2e-submit", "spark-submit")
    lock = lake / "_platform" / "KRAKEN" / "stream.lock"
    wait_for(lambda: "until" not in lock.read_text(), "the lake in its hands", seconds=240)
    wait_for(lambda: len(project.master()["activeapps"]) == 1, "one stream", seconds=60)
    subprocess.run([DOCKER, "stop", "e2e-submit"], capture_output=True, check=True)
    ended = subprocess.run(
        [DOCKER, "rm", "e2e-submit"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    project.pause(paused=False)


def test_down_and_up_goes_on_where_it_was(project: ComposeProject, lake: Path) -> None:
    """Volumes keep topic, schemas and Airflow's runs; the lake gets nothing twice."""
    runs = project.airflow(f"dags/{STREAMING}/dagRuns")["total_entries"]
    project.run("down")
    project.up()
    wait_for(lambda: project.master()["activeapps"], "the stream on the cluster", seconds=240)
    assert project.airflow(f"dags/{STREAMING}/dagRuns")["total_entries"] >= runs
    assert landed(lake) == recorded()


def test_down_with_its_volumes_leaves_nothing(project: ComposeProject) -> None:
    """But the images, and the lake."""
    _keep_logs(project)
    project.run("--profile", "*", "down", "--volumes")
    assert project.remains() == []
