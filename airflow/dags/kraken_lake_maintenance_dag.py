"""Compacts and verifies the lake every hour.

**compact** merges the many files that the stream wrote for each closed hour and pair into one
sorted file.
**verify** reads every commit, file and trade id, compares each minute of the last
twelve hours with Kraken's own candles and the lake's position with Kafka's, and fails with a
message for each problem. If Kraken or Kafka does not answer, it says so and verifies the rest; a
pair that Kraken does not know is listed as not proved. It runs even if compact failed: a damaged
file makes compact fail, and verify names it.
**publish_verified_hours** updates the asset
`kraken_lake_verified_hours`. Its event names the commit and, per pair, the ranges of complete
hours. They exclude the newest hour, which may still get trades, and the hour in which recording
began. The event also says what did not answer. The hours of a pair that could not be compared with
Kraken's candles, because Kraken does not know the pair or did not answer, are in `unproved_hours`,
with the reason in `unproved`.

All of it runs while the stream runs.
"""  # noqa: INP001 - no package: an __init__.py here would hide Airflow itself

import json
from datetime import timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Asset, task

EVERY = timedelta(hours=1)
# exec replaces the shell by its command; setpriv kills the command when its task ends, however it
# ends.
LAKE = "exec setpriv --pdeathsig KILL /opt/platform/venv/bin/python -m lake"
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
        "retry_delay": timedelta(minutes=1),
        "execution_timeout": timedelta(minutes=50),
    },
):
    compact = BashOperator(
        task_id="compact",
        doc_md="One sorted file per pair and closed hour.",
        bash_command=f"{LAKE} compact",
    )
    verify = BashOperator(
        task_id="verify",
        doc_md="Files, ids, candles and offsets; its last line names the complete hours.",
        bash_command=f"{LAKE} verify --against-kraken --against-kafka --if-reachable --name-hours",
        output_processor=json.loads,
        trigger_rule="all_done",
    )

    @task(
        outlets=[VERIFIED_HOURS],
        doc_md="Publishes the verified hours for DAGs that depend on them.",
    )
    def publish_verified_hours(verified: dict, *, outlet_events: object = None) -> None:
        """Put the hours that verify named into the asset's event."""
        outlet_events[VERIFIED_HOURS].extra = verified

    compact >> verify
    compact >> publish_verified_hours(verify.output)
