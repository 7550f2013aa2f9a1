"""Fetches past trades from Kraken into Kafka, started by hand; the stream lands them.

Live recording continues meanwhile; a trade that both fetch lands once. A run that was stopped or
killed continues where it was, as a retry or when started again with the same pair and times.

Kraken limits the calls for a pair from one address, whichever program makes them. While this runs
for a pair that is recorded live, set KRAKEN_CALL_INTERVAL_SECONDS=2 and POLL_INTERVAL_SECONDS=2 for
the producer.
"""  # noqa: INP001 - no package: an __init__.py here would hide Airflow itself

from datetime import timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"
PAIR = r"[A-Za-z0-9.]{2,20}(/[A-Za-z0-9.]{2,20})?"

with DAG(
    dag_id="kraken_backfill",
    description="Fetch a time range of the past for one or more pairs",
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    # A second backfill would fence the first one's Kafka producer.
    max_active_runs=1,
    is_paused_upon_creation=False,
    dagrun_timeout=timedelta(days=14),
    tags=["kraken", "kafka", "backfill"],
    params={
        "pair": Param(
            type="string",
            pattern=rf"^{PAIR}(, ?{PAIR})*$",
            title="Pairs",
            description="Such as BTC/USD; separate several by commas.",
        ),
        "from": Param(
            type="string",
            pattern=rf"^(beginning|{TIME})$",
            title="From",
            description="A time such as 2026-01-30T18:00:00Z, or beginning.",
        ),
        "to": Param(
            "",
            type="string",
            pattern=rf"^({TIME})?$",
            title="To",
            description="A time, exclusive; empty means now.",
        ),
        "call_interval": Param(
            2, type="number", minimum=1, title="Minimum seconds between two calls for a pair"
        ),
    },
    default_args={
        "owner": "kraken-lake",
        "retries": 20,
        "retry_delay": timedelta(minutes=1),
        "execution_timeout": timedelta(days=1),
    },
):
    # The form's values reach the shell as variables, never as text of a command.
    BashOperator(
        task_id="backfill",
        doc_md=(
            "`kraken-lake backfill`, resumed by each retry. If it fails, its log says why; "
            "`kraken-lake pairs` shows which pairs Kraken refuses. A run with the same pair and "
            "times continues where this one was."
        ),
        append_env=True,
        cwd="/opt/platform",
        env={
            "PAIR": "{{ params.pair }}",
            "FROM": "{{ params.from }}",
            "TO": "{{ params.to }}",
            "KRAKEN_CALL_INTERVAL_SECONDS": "{{ params.call_interval }}",
            # The stream, beside it in compose, has 9464.
            "METRICS_PORT": "9465",
        },
        bash_command=(
            "exec setpriv --pdeathsig KILL /opt/platform/venv/bin/python -m producer backfill"
            ' --pair "$PAIR" --from "$FROM" ${TO:+--to "$TO"}'
        ),
    )
