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
        "publish_verified_hours": ["compact", "verify"],
    }
    assert {name: task["trigger_rule"] for name, task in tasks.items()} == {
        "compact": "all_success",
        "verify": "all_done",
        "publish_verified_hours": "all_success",
    }


def test_only_the_last_task_updates_the_asset(dag: Described) -> None:
    """Who waits for it finds hours that were verified."""
    outlets = {name: task["outlets"] for name, task in dag["tasks"].items()}
    assert outlets == {
        "compact": [],
        "verify": [],
        "publish_verified_hours": ["kraken_lake_verified_hours"],
    }


def test_the_lake_is_held_against_kraken_and_kafka(dag: Described) -> None:
    """One that is away for an hour makes no red run."""
    command = dag["tasks"]["verify"]["command"]
    for option in ("--against-kraken", "--against-kafka", "--if-reachable", "--name-hours"):
        assert f" {option}" in command


def test_every_task_is_tried_again(dag: Described) -> None:
    """A quarantine that is replayed by hand holds compaction up for a while."""
    assert {task["retries"] for task in dag["tasks"].values()} == {3}
