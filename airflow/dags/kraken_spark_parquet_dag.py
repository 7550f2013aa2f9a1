"""Lands Kraken trades from Kafka in the Parquet lake.

**check_services** checks the broker, the registered schemas and Kraken.
**run_stream** runs `spark_consumer/main.py` on the Spark cluster. When the next run is due, its
stream starts beside this one, warms up, takes over the lake and ends this one, so that trades land
on. It continues from the lake's commit log: nothing is lost or duplicated, whatever is killed.
If no other stream takes over, this one ends two minutes after the next run was due.
**monitor** logs every 15 seconds how far the lake is behind Kafka and whether the quarantine grows,
and fails with a message when there are trades to land and nothing lands.

`make spark-submit` runs the stream by hand. It takes over the lake, and while it runs, the runs of
this DAG leave the lake to it.
"""  # noqa: INP001 - no package: an __init__.py here would hide Airflow itself

import os
from datetime import timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param

EVERY = timedelta(minutes=int(os.environ.get("STREAM_MINUTES", "10")))
# Time for the next run to check the services, start Spark and warm up.
OVERLAP = timedelta(minutes=2)
# The monitor of a run ends before the next one begins.
MARGIN = timedelta(seconds=20)
BIN = "/opt/platform/venv/bin"
# exec replaces the shell by its command; setpriv kills the command when its task ends, however it
# ends.
TIED = "exec setpriv --pdeathsig KILL"


def after(run: timedelta) -> str:
    """Return the template of a time, counted from when the run was due."""
    seconds = f"macros.timedelta(seconds={run.total_seconds():.0f})"
    return f"{{{{ (dag_run.run_after + {seconds}).strftime('%Y-%m-%dT%H:%M:%S%z') }}}}"


with DAG(
    dag_id="kraken_spark_streaming",
    description="Stream from Kafka to the Parquet lake, monitored",
    doc_md=__doc__,
    schedule=EVERY,
    catchup=False,
    # Two, since the next run takes over from the one before.
    max_active_runs=2,
    is_paused_upon_creation=False,
    dagrun_timeout=EVERY + OVERLAP + timedelta(minutes=5),
    tags=["kraken", "spark", "parquet"],
    params={
        "trigger": Param(
            # Each batch is paid for in an object store, by requests for each pair.
            "5 seconds" if "://" in os.environ.get("BASE_OUTPUT_PATH", "") else "1 second",
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
        "execution_timeout": EVERY + OVERLAP + timedelta(minutes=2),
    },
):
    check_services = BashOperator(
        task_id="check_services",
        doc_md=(
            "Checks that broker, registered schemas and Kraken answer as the stream needs it. If "
            "it fails, each line names what to do, such as `make register-schemas`; "
            "`kraken-lake monitor services` checks again."
        ),
        bash_command=f"exec {BIN}/python -m infra.monitor services",
        execution_timeout=timedelta(minutes=3),
    )
    run_stream = BashOperator(
        task_id="run_stream",
        doc_md=(
            "The stream on the Spark cluster, until that of the next run takes over. If it fails, "
            "the last line of its log says why and what to do; `make spark-submit` runs it by hand."
        ),
        # In compose, Prometheus asks the stream there.
        env={
            "UNTIL": after(EVERY + OVERLAP),
            "TRIGGER": "{{ params.trigger }}",
            "METRICS_PORT": "9464",
        },
        bash_command=(
            f"{TIED} {BIN}/spark-submit --master spark://spark-master:7077"
            ' spark_consumer/main.py --take-over --until "$UNTIL" --trigger "$TRIGGER"'
        ),
    )
    monitor = BashOperator(
        task_id="monitor",
        doc_md=(
            "Lag, freshness and quarantine; fails when the stream stands still. Then "
            "`kraken-lake console` shows on its page Pipeline which step is late; records in "
            "quarantine are shown by `kraken-lake quarantine list`."
        ),
        env={"UNTIL": after(EVERY - MARGIN), "PATIENCE": "{{ params.patience }}"},
        bash_command=(
            f'{TIED} {BIN}/python -m infra.monitor stream --until "$UNTIL" --patience "$PATIENCE"'
        ),
        # This task is the alarm: a retry would only delay it.
        retries=0,
    )
    check_services >> [run_stream, monitor]
