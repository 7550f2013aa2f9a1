"""The lake kept tidy and proved whole, every hour.

**compact** makes one sorted file of the many that the stream left in each closed hour and pair.
**verify** reads every commit, file and trade id, compares each minute of the last twelve hours with
Kraken's own candles and the lake's position with Kafka's, and fails with a sentence for each thing
that is wrong. Where Kraken or Kafka does not answer, it says so and verifies the rest; a pair that
Kraken does not know is named as not proved. It runs even if compact failed: a damaged file stops
that, and is named here.
**publish_verified_hours** updates the asset `kraken_lake_verified_hours`: its event names the
commit and, per pair, the runs of hours that are whole: not the newest one, of which trades may be
under way, nor the one that recording began in. It also says who did not answer. The hours of a pair
that could not be held against Kraken's candles, as Kraken does not know it or did not answer, are
in `unproved_hours`, with the reason in `unproved`.

All of it goes on beside the running stream.
"""  # noqa: INP001 - no package: an __init__.py here would hide Airflow itself

import json
from datetime import timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Asset, task

EVERY = timedelta(hours=1)
# A shell replaced by its command, and a command that ends when its task does, however that ends.
LAKE = "exec setpriv --pdeathsig KILL /opt/platform/venv/bin/python -m lake"
VERIFIED_HOURS = Asset("kraken_lake_verified_hours")

with DAG(
    dag_id="kraken_lake_maintenance",
    description="The lake compacted and verified, hour after hour",
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
        doc_md="Files, ids, candles and offsets; its last line names the hours found whole.",
        bash_command=f"{LAKE} verify --against-kraken --against-kafka --if-reachable --name-hours",
        output_processor=json.loads,
        trigger_rule="all_done",
    )

    @task(outlets=[VERIFIED_HOURS], doc_md="Names the verified hours for whoever waits for them.")
    def publish_verified_hours(verified: dict, *, outlet_events: object = None) -> None:
        """Put what verify named into the asset's event."""
        outlet_events[VERIFIED_HOURS].extra = verified

    compact >> verify
    compact >> publish_verified_hours(verify.output)
