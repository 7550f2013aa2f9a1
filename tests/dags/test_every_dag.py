"""What holds for all DAGs; each one's structure is in a module of its own."""

import re
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(1500)
Described = Any

AT_ONCE = {"kraken_spark_streaming": 2, "kraken_lake_maintenance": 1, "kraken_backfill": 1}
"""How many runs each may have at once. A run of the stream takes over from the one before."""
DAGS = set(AT_ONCE)


def test_every_file_imports(described: Described) -> None:
    """Airflow finds the DAGs and no fault."""
    assert described["import_errors"] == {}
    assert set(described["dags"]) == DAGS


@pytest.mark.parametrize("name", sorted(DAGS))
def test_it_is_on_from_the_start_and_its_runs_are_bounded(described: Described, name: str) -> None:
    """In number and time, with none to catch up with."""
    dag = described["dags"][name]
    assert dag["is_paused_upon_creation"] is False
    assert dag["max_active_runs"] == AT_ONCE[name]
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
        assert re.search(r"`(kraken-lake|make) [a-z-]+.*`", task["doc"]), "no next command"
        assert task["timeout_seconds"] <= dag["run_timeout_seconds"]


@pytest.mark.parametrize("name", sorted(DAGS))
def test_a_shell_is_replaced_by_its_command(described: Described, name: str) -> None:
    """No shell stays between a task and its command, and none gets a form's values as text.

    A task that may be skipped asks for its setting first, with the shell's own words alone.
    """
    asks = r'\[ -n "\$[A-Z_]+" \] \|\| exit 99'
    for task in described["dags"][name]["tasks"].values():
        if task["command"] is not None:
            assert re.match(f"(({asks}); )?exec ", task["command"])
            assert "{{" not in task["command"]
