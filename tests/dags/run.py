"""Run by the Airflow in its image: runs DAGs once, for real, and prints what came of them.

There is no network but the container's own: Kraken is played back there, Kafka is away.
"""

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

subprocess.run(["airflow", "db", "migrate"], capture_output=True, check=True)  # noqa: S607

from airflow.dag_processing.dagbag import DagBag  # noqa: E402 - it wants the tables

LAKE = Path("/lake")
DAGS = DagBag("/opt/airflow/dags").dags


def run(name, conf=None):  # noqa: ANN001, ANN201 - printed as JSON, whatever it is
    """Run a DAG without retries; return the states of run and tasks, and the asset's event."""
    dag = DAGS[name]
    for task in dag.tasks:
        task.retries = 0
    ended = dag.test(run_conf=conf)
    with sqlite3.connect("/var/lib/airflow/airflow.db") as tables:
        tasks = tables.execute(
            "SELECT task_id, state FROM task_instance WHERE run_id = ?", (ended.run_id,)
        ).fetchall()
        events = tables.execute(
            "SELECT extra FROM asset_event WHERE source_run_id = ?", (ended.run_id,)
        ).fetchall()
    return {
        "state": ended.state,
        "tasks": dict(tasks),
        "events": [json.loads(extra) for (extra,) in events],
    }


kraken = subprocess.Popen(
    ["/opt/platform/venv/bin/python", "-m", "infra.fake_kraken", "--port", "8000"],
    cwd="/opt/platform",
    stdout=sys.stderr,
)
REPORTS = LAKE / "_platform" / "KRAKEN" / "reports"
REPORTS.touch()
found = {"unreported": run("kraken_lake_maintenance")}
REPORTS.unlink()
found["whole"] = run("kraken_lake_maintenance")
shutil.rmtree(min(LAKE.glob("KRAKEN/**/symbol=*")))
found["damaged"] = run("kraken_lake_maintenance")
found["reports"] = sorted(path.name for path in REPORTS.iterdir())
found["backfill"] = run("kraken_backfill", {"pair": "NO/SUCH", "from": "2026-01-30T18:00:00Z"})
kraken.kill()
kraken.wait()
print(json.dumps(found))  # noqa: T201
