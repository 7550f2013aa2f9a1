"""Run by the Airflow in its image: prints its DAGs as one line of JSON."""

import json

from airflow.dag_processing.dagbag import DagBag

bag = DagBag("/opt/airflow/dags")
dags = {
    dag.dag_id: {
        "schedule_seconds": dag.schedule.total_seconds(),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "is_paused_upon_creation": dag.is_paused_upon_creation,
        "run_timeout_seconds": dag.dagrun_timeout.total_seconds(),
        "tags": sorted(dag.tags),
        "doc": dag.doc_md or "",
        "params": {name: dag.params.get_param(name).dump() for name in dag.params},
        "tasks": {
            task.task_id: {
                "upstream": sorted(task.upstream_task_ids),
                "owner": task.owner,
                "retries": task.retries,
                "timeout_seconds": task.execution_timeout.total_seconds(),
                "doc": task.doc_md or "",
                "command": task.bash_command,
            }
            for task in dag.tasks
        },
    }
    for dag in bag.dags.values()
}
print(json.dumps({"import_errors": bag.import_errors, "dags": dags}))  # noqa: T201
