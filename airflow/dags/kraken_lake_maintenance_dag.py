"""Compacts and verifies the lake every hour, and retires old hours if that is wanted.

**compact** merges the many files that the stream wrote for each closed hour and pair into one
sorted file.
**verify** checks every commit, file and trade id, reading the files that no former run proved,
compares each minute of the last twelve hours with Kraken's own candles and the lake's position with
Kafka's, and fails with a message for each problem. If Kraken or Kafka does not answer, it says so
and verifies the rest; a pair that Kraken does not know is listed as not proved. It runs even if
compact failed: a damaged file makes compact fail, and verify names it.
**publish_verified_hours** updates the asset
`kraken_lake_verified_hours`. Its event names the commit and, per pair, the ranges of complete
hours. They exclude the newest hour, which may still get trades, and the hour in which recording
began. The event also says what did not answer. The hours of a pair that could not be compared with
Kraken's candles, because Kraken does not know the pair or did not answer, are in `unproved_hours`,
with the reason in `unproved`. `console` is the address of the lake's pages, at its calendar of
complete hours (CONSOLE_URL).
**write_report** leaves the tables and charts of the lake's pages as one HTML file for today,
`_platform/KRAKEN/reports/2026-01-30.html`, and keeps the newest 30. It runs whatever came before,
and if it fails, the run's state stays that of the proof.

**retire** removes hours that are older than `RETIRE_OLDER_THAN` and verified, and keeps their
proof. It is skipped unless that setting has a value, and after a verification that failed.

All of it runs while the stream runs. When a task fails, the last lines of its log name the next
command.
"""  # noqa: INP001 - no package: an __init__.py here would hide Airflow itself

import json
import os
from datetime import timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Asset, task

EVERY = timedelta(hours=1)
# exec replaces the shell by its command; setpriv kills the command when its task ends, however it
# ends.
PYTHON = "exec setpriv --pdeathsig KILL /opt/platform/venv/bin/python"
LAKE = f"{PYTHON} -m lake"
# The address of the lake's pages as a browser reaches them; empty if there are none.
CONSOLE_URL = os.environ.get("CONSOLE_URL", "").rstrip("/")
VERIFIED_HOURS = Asset("kraken_lake_verified_hours")

with DAG(
    dag_id="kraken_lake_maintenance",
    description="Compact and verify the lake every hour",
    doc_md=__doc__,
    schedule=EVERY,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    dagrun_timeout=timedelta(hours=3),
    tags=["kraken", "parquet", "maintenance"],
    default_args={
        "owner": "kraken-lake",
        "append_env": True,
        "cwd": "/opt/platform",
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(minutes=50),
    },
):
    compact = BashOperator(
        task_id="compact",
        doc_md=(
            "One sorted file per pair and closed hour. If it fails, a file is damaged: "
            "`kraken-lake verify` names it."
        ),
        bash_command=f"{LAKE} compact",
    )
    verify = BashOperator(
        task_id="verify",
        doc_md=(
            "Files, ids, candles and offsets; its last line names the complete hours. If it fails, "
            "each problem in its log names its command, such as `kraken-lake backfill`; "
            "`kraken-lake verify` proves it again."
        ),
        bash_command=f"{LAKE} verify --against-kraken --against-kafka --if-reachable --name-hours",
        output_processor=json.loads,
        trigger_rule="all_done",
    )

    retire = BashOperator(
        task_id="retire",
        doc_md=(
            "Hours older than RETIRE_OLDER_THAN leave the lake; skipped if that is empty. If it "
            "fails, `kraken-lake retire --dry-run` lists what would go and what stays, and why."
        ),
        # 99 marks the task as skipped.
        bash_command=f'[ -n "$RETIRE_OLDER_THAN" ] || exit 99; {LAKE} retire',
    )

    @task(
        outlets=[VERIFIED_HOURS],
        doc_md=(
            "Publishes the verified hours for DAGs that depend on them, with the address of the "
            "lake's pages. If it fails, `kraken-lake verify --name-hours` shows what it had to "
            "publish."
        ),
    )
    def publish_verified_hours(verified: dict, *, outlet_events: object = None) -> None:
        """Put the hours that verify named into the asset's event."""
        console = {"console": f"{CONSOLE_URL}/completeness"} if CONSOLE_URL else {}
        outlet_events[VERIFIED_HOURS].extra = {**verified, **console}

    write_report = BashOperator(
        task_id="write_report",
        doc_md=(
            "Today's HTML file of the lake's tables and charts. If it fails, nothing else does; "
            "`kraken-lake report --html FILE` writes one elsewhere."
        ),
        bash_command=f"{PYTHON} -m console.report --daily",
        retries=1,
        execution_timeout=timedelta(minutes=10),
        # Airflow leaves a teardown out when it decides whether a run succeeded, and runs it
        # whatever came before.
    ).as_teardown()

    compact >> verify >> retire >> write_report
    compact >> publish_verified_hours(verify.output)
