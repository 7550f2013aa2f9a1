"""Lands Kraken trades from Kafka in the Parquet lake.

**check_services** checks the broker, the registered schemas and Kraken.
**run_stream** runs `spark_consumer/main.py` on the Spark cluster and stops it shortly before the
next run is due. The next run continues from the lake's commit log: nothing is lost or duplicated,
whatever is killed.
**monitor** logs every 15 seconds how far the lake is behind Kafka and whether the quarantine grows,
and fails with a message when there are trades to land and nothing lands.

Pause the DAG to run the stream by hand (`make spark-submit`): a lake has one writer at a time.
"""  # noqa: INP001 - no package: an __init__.py here would hide Airflow itself

import os
from datetime import timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param

EVERY = timedelta(minutes=int(os.environ.get("STREAM_MINUTES", "10")))
# Time for the stream's last batch, and for Airflow to see that it ended.
MARGIN = timedelta(seconds=20)
BIN = "/opt/platform/venv/bin"
# exec replaces the shell by its command; setpriv kills the command when its task ends, however it
# ends.
TIED = "exec setpriv --pdeathsig KILL"
UNTIL = (
    "{{ (dag_run.run_after"
    f" + macros.timedelta(seconds={(EVERY - MARGIN).total_seconds():.0f})"
    ").strftime('%Y-%m-%dT%H:%M:%S%z') }}"
)

with DAG(
    dag_id="kraken_spark_streaming",
    description="Stream from Kafka to the Parquet lake, monitored",
    doc_md=__doc__,
    schedule=EVERY,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    dagrun_timeout=EVERY + timedelta(minutes=5),
    tags=["kraken", "spark", "parquet"],
    params={
        "trigger": Param(
            "1 second",
            type="string",
            pattern=r"^\d+ (millisecond|second|minute)s?$",
            title="Micro-batch every",
        ),
        "patience": Param(
            120, type="integer", minimum=30, title="Seconds without a commit before monitor fails"
        ),
    },
    default_args={
        "owner": "kraken-lake",
        "append_env": True,
        "cwd": "/opt/platform",
        "retries": 3,
        "retry_delay": timedelta(seconds=15),
        "execution_timeout": EVERY + timedelta(minutes=2),
    },
):
    check_services = BashOperator(
        task_id="check_services",
        doc_md="Checks that broker, registered schemas and Kraken answer as the stream needs it.",
        bash_command=f"exec {BIN}/python -m infra.monitor services",
        execution_timeout=timedelta(minutes=3),
    )
    run_stream = BashOperator(
        task_id="run_stream",
        doc_md="The stream on the Spark cluster, until shortly before the next run is due.",
        env={"UNTIL": UNTIL, "TRIGGER": "{{ params.trigger }}"},
        bash_command=(
            f"{TIED} {BIN}/spark-submit --master spark://spark-master:7077"
            ' spark_consumer/main.py --until "$UNTIL" --trigger "$TRIGGER"'
        ),
    )
    monitor = BashOperator(
        task_id="monitor",
        doc_md="Lag, freshness and quarantine; fails when the stream stands still.",
        env={"UNTIL": UNTIL, "PATIENCE": "{{ params.patience }}"},
        bash_command=(
            f'{TIED} {BIN}/python -m infra.monitor stream --until "$UNTIL" --patience "$PATIENCE"'
        ),
        # This task is the alarm: a retry would only delay it.
        retries=0,
    )
    check_services >> [run_stream, monitor]
