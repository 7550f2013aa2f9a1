"""Run by the Airflow in its image: prints its DAGs as one line of JSON."""

import json

from airflow.dag_processing.dagbag import DagBag


def seconds(span):  # noqa: ANN001, ANN201, D103 - printed as JSON, whatever it is
    return span.total_seconds() if span is not None else None


bag = DagBag("/opt/airflow/dags")
dags = {
    dag.dag_id: {
        "schedule_seconds": seconds(dag.schedule),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "is_paused_upon_creation": dag.is_paused_upon_creation,
        "run_timeout_seconds": seconds(dag.dagrun_timeout),
        "tags": sorted(dag.tags),
        "doc": dag.doc_md or "",
        "params": {name: dag.params.get_param(name).dump() for name in dag.params},
        "tasks": {
            task.task_id: {
                "upstream": sorted(task.upstream_task_ids),
                "trigger_rule": task.trigger_rule,
                "owner": task.owner,
                "retries": task.retries,
                "is_teardown": task.is_teardown,
                "timeout_seconds": seconds(task.execution_timeout),
                "doc": task.doc_md or "",
                "command": getattr(task, "bash_command", None),
                "environment": getattr(task, "env", None),
                "outlets": [asset.name for asset in task.outlets],
            }
            for task in dag.tasks
        },
    }
    for dag in bag.dags.values()
}
# A param without a default has none to print.
print(json.dumps({"import_errors": bag.import_errors, "dags": dags}, default=lambda _: None))  # noqa: T201
