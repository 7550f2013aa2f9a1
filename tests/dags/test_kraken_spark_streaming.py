"""The streaming DAG's structure; that it really runs is in tests/e2e."""

import re
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(1500)
Described = Any


@pytest.fixture
def dag(described: Described) -> Described:
    """The DAG."""
    return described["dags"]["kraken_spark_streaming"]


def test_the_next_run_takes_over(dag: Described) -> None:
    """It starts every ten minutes beside the run before, whose stream ends for it."""
    assert (dag["schedule_seconds"], dag["max_active_runs"]) == (600, 2)
    stream = dag["tasks"]["run_stream"]
    assert "--take-over" in stream["command"]
    assert "seconds=720" in stream["environment"]["UNTIL"]
    assert "seconds=580" in dag["tasks"]["monitor"]["environment"]["UNTIL"]


def test_stream_and_monitor_start_once_the_services_are_there(dag: Described) -> None:
    """Side by side."""
    assert {name: task["upstream"] for name, task in dag["tasks"].items()} == {
        "check_services": [],
        "run_stream": ["check_services"],
        "monitor": ["check_services"],
    }


def test_the_stream_is_tried_again_and_the_alarm_is_not(dag: Described) -> None:
    """A retry of the monitor would put off what it has to say."""
    retries = {name: task["retries"] for name, task in dag["tasks"].items()}
    assert retries == {"check_services": 3, "run_stream": 3, "monitor": 0}


def test_a_task_takes_its_command_along(dag: Described) -> None:
    """No stream outlives its task."""
    assert dag["tags"] == ["kraken", "parquet", "spark"]
    for name, task in dag["tasks"].items():
        tied = task["command"].startswith("exec setpriv --pdeathsig KILL ")
        assert tied == (name != "check_services")


@pytest.mark.parametrize("text", ["300 milliseconds", "1 second", "10 seconds", "2 minutes"])
def test_a_trigger_is_an_interval(dag: Described, text: str) -> None:
    """What the form takes."""
    assert re.search(dag["params"]["trigger"]["schema"]["pattern"], text)


@pytest.mark.parametrize("text", ["", "1", "second", "1 second; true", "$(true)"])
def test_nothing_else_is(dag: Described, text: str) -> None:
    """It goes to a command line, if only as a variable."""
    assert not re.search(dag["params"]["trigger"]["schema"]["pattern"], text)


def test_params_have_defaults_of_use(dag: Described) -> None:
    """A scheduled run has no form, so every parameter has a default."""
    defaults = {name: param["value"] for name, param in dag["params"].items()}
    assert defaults == {"trigger": "1 second", "patience": 120}
