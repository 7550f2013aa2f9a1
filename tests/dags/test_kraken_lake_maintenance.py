"""The maintenance DAG's structure; that it really runs is in test_dags_run.py."""

from typing import Any

import pytest

pytestmark = pytest.mark.timeout(1500)
Described = Any


@pytest.fixture
def dag(described: Described) -> Described:
    """The DAG."""
    return described["dags"]["kraken_lake_maintenance"]


def test_it_runs_every_hour(dag: Described) -> None:
    """Hours close by the hour."""
    assert dag["schedule_seconds"] == 3600


def test_hours_are_published_only_if_both_others_held(dag: Described) -> None:
    """Verification comes after compaction, even if that failed: it names what is damaged."""
    tasks = dag["tasks"]
    assert {name: task["upstream"] for name, task in tasks.items()} == {
        "compact": [],
        "verify": ["compact"],
        "retire": ["verify"],
        "publish_verified_hours": ["compact", "verify"],
        "write_report": ["retire"],
    }
    assert {name: task["trigger_rule"] for name, task in tasks.items()} == {
        "compact": "all_success",
        "verify": "all_done",
        "retire": "all_success",
        "publish_verified_hours": "all_success",
        "write_report": "all_done_setup_success",
    }


def test_only_the_last_task_updates_the_asset(dag: Described) -> None:
    """Who waits for it finds hours that were verified."""
    outlets = {name: task["outlets"] for name, task in dag["tasks"].items()}
    assert outlets == {
        "compact": [],
        "verify": [],
        "retire": [],
        "publish_verified_hours": ["kraken_lake_verified_hours"],
        "write_report": [],
    }


def test_the_lake_is_held_against_kraken_and_kafka(dag: Described) -> None:
    """One that is away for an hour makes no red run."""
    command = dag["tasks"]["verify"]["command"]
    for option in ("--against-kraken", "--against-kafka", "--if-reachable", "--name-hours"):
        assert f" {option}" in command


def test_hours_are_retired_only_if_that_is_asked_for(dag: Described) -> None:
    """Without RETIRE_OLDER_THAN the task ends with the status that Airflow shows as skipped."""
    command = dag["tasks"]["retire"]["command"]
    assert command.startswith('[ -n "$RETIRE_OLDER_THAN" ] || exit 99; exec ')
    assert command.endswith(" -m lake retire")


def test_every_task_is_tried_again(dag: Described) -> None:
    """A quarantine that is replayed by hand holds compaction up for a while."""
    proof = {name: one["retries"] for name, one in dag["tasks"].items() if name != "write_report"}
    assert set(proof.values()) == {3}


def test_the_report_is_no_part_of_the_proof(dag: Described) -> None:
    """It runs whatever came before, and its failure leaves the run's state as it is."""
    assert {name: one["is_teardown"] for name, one in dag["tasks"].items()} == {
        "compact": False,
        "verify": False,
        "retire": False,
        "publish_verified_hours": False,
        "write_report": True,
    }


def test_a_report_is_written_wherever_the_lake_is(dag: Described) -> None:
    """On a file system and in an object store."""
    command = dag["tasks"]["write_report"]["command"]
    assert command.startswith("exec ")
    assert command.endswith(" -m console.report --daily")
