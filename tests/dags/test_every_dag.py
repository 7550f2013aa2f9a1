"""What holds for all DAGs; each one's structure is in a module of its own."""

from typing import Any

import pytest

pytestmark = pytest.mark.timeout(1500)
Described = Any

DAGS = {"kraken_spark_streaming", "kraken_lake_maintenance", "kraken_backfill"}


def test_every_file_imports(described: Described) -> None:
    """Airflow finds the DAGs and no fault."""
    assert described["import_errors"] == {}
    assert set(described["dags"]) == DAGS


@pytest.mark.parametrize("name", sorted(DAGS))
def test_it_is_on_from_the_start_and_never_runs_twice_at_once(
    described: Described, name: str
) -> None:
    """One run at a time, none to catch up with, and none that hangs for ever."""
    dag = described["dags"][name]
    assert dag["is_paused_upon_creation"] is False
    assert dag["max_active_runs"] == 1
    assert dag["catchup"] is False
    assert dag["run_timeout_seconds"] > (dag["schedule_seconds"] or 0)


@pytest.mark.parametrize("name", sorted(DAGS))
def test_every_task_is_bounded_and_says_what_it_does(described: Described, name: str) -> None:
    """Each DAG has an owner, a timeout and documentation in the UI."""
    dag = described["dags"][name]
    assert len(dag["doc"]) > 200
    assert "kraken" in dag["tags"]
    for task in dag["tasks"].values():
        assert task["owner"] == "kraken-lake"
        assert task["doc"]
        assert task["timeout_seconds"] <= dag["run_timeout_seconds"]


@pytest.mark.parametrize("name", sorted(DAGS))
def test_a_shell_is_replaced_by_its_command(described: Described, name: str) -> None:
    """No shell stays between a task and its command, and none gets a form's values as text."""
    for task in described["dags"][name]["tasks"].values():
        if task["command"] is not None:
            assert task["command"].startswith("exec ")
            assert "{{" not in task["command"]
