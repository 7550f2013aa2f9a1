"""The DAGs of the lake, run by Airflow for real on a lake; that of the stream is in tests/e2e."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lake.layout import LakeLayout
from tests.engine import DOCKER, ROOT, require_engine
from tests.unit.lake.lakes import AT, HOUR, land

pytestmark = pytest.mark.timeout(1500)
Ran = Any


@pytest.fixture(scope="module")
def ran(described: Any, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """What `run.py` prints; its log is what Airflow wrote."""
    assert described["dags"]  # the image is built
    require_engine()
    folder = tmp_path_factory.mktemp("dags")
    layout = LakeLayout(folder, "KRAKEN")
    land(layout, range(1, 11), range(11, 21))
    next_hour = HOUR.replace("hour=18", "hour=19")
    land(layout, range(21, 31), at=AT.replace(hour=19), folder=next_hour)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777)  # the image's user id may be any
    settings = {
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__DAGS_FOLDER": "/opt/airflow/dags",
        "BASE_OUTPUT_PATH": "/lake",
        "KRAKEN_API_URL": "http://127.0.0.1:8000",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "KAFKA_TIMEOUT_SECONDS": "2",
        "CONSOLE_URL": "http://127.0.0.1:8088",
    }
    answer = subprocess.run(
        [
            *(DOCKER, "run", "--rm", "--interactive", "--network", "none"),
            *("--volume", f"{ROOT}/airflow/dags:/opt/airflow/dags:ro"),
            *("--volume", f"{folder}:/lake"),
            *(part for name, value in settings.items() for part in ("--env", f"{name}={value}")),
            *("kraken-lake/airflow", "python", "-"),
        ],
        input=Path(__file__).with_name("run.py").read_text(encoding="utf-8"),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    return {**json.loads(answer.stdout.splitlines()[-1]), "log": answer.stdout + answer.stderr}


def test_a_whole_lake_makes_a_green_run(ran: Ran) -> None:
    """Compacted and verified, its hours are named in the asset's event; Kafka need not answer.

    The Kraken that is played back does not know the pair, so they are not named as proved.
    """
    assert ran["whole"]["state"] == "success"
    tasks = dict(ran["whole"]["tasks"])
    assert tasks.pop("retire") == "skipped"  # RETIRE_OLDER_THAN has no value.
    assert set(tasks.values()) == {"success"}
    hours = {"BTC/USD": [["2026-01-30T18:00Z", "2026-01-30T18:00Z"]]}
    (event,) = ran["whole"]["events"]
    silent, unproved = event.pop("silent"), event.pop("unproved")
    assert event == {
        "commit": 4,
        "behind": None,
        "hours": {},
        "unproved_hours": hours,
        "console": "http://127.0.0.1:8088/completeness",
        "dead_letters": {},
    }
    assert unproved["BTC/USD"].startswith("Kraken trades no pair named 'BTC/USD'")
    assert any("`kraken-lake offsets` did not answer" in one for one in silent)
    assert "2 files -> 1" in ran["log"]
    assert "Not asked: `kraken-lake offsets` did not answer" in ran["log"]


def test_a_lake_with_a_file_deleted_makes_a_red_one(ran: Ran) -> None:
    """Compaction stops at it; the file is named in the log, and no hour is published."""
    assert ran["damaged"]["state"] == "failed"
    assert ran["damaged"]["tasks"] == {
        "compact": "failed",
        "verify": "failed",
        "retire": "upstream_failed",
        "publish_verified_hours": "upstream_failed",
        "write_report": "success",
    }
    assert ran["damaged"]["events"] == []
    assert "missing file: KRAKEN/year=2026/month=1/day=30/hour=18/symbol=BTC_USD" in ran["log"]


def test_each_run_leaves_the_report_of_its_day(ran: Ran) -> None:
    """Also a red one, and the file says what is missing."""
    (report,) = ran["reports"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d\.html", report)


def test_a_report_that_fails_does_not_fail_the_proof(ran: Ran) -> None:
    """The run is green, its event is published, and the task itself is red."""
    found = ran["unreported"]
    assert found["state"] == "success"
    assert found["tasks"]["write_report"] == "failed"
    assert len(found["events"]) == 1
    assert "cannot create /lake/_platform/KRAKEN/reports" in ran["log"]


def test_what_the_form_took_reaches_the_backfill(ran: Ran) -> None:
    """Which asks Kraken for that very pair."""
    assert ran["backfill"]["state"] == "failed"
    assert "Kraken trades no pair named 'NO/SUCH'" in ran["log"]
