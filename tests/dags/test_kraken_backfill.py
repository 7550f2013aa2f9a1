"""The backfill DAG's structure and what its form takes."""

import re
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(1500)
Described = Any


@pytest.fixture
def dag(described: Described) -> Described:
    """The DAG."""
    return described["dags"]["kraken_backfill"]


def takes(dag: Described, name: str, text: str) -> bool:
    """Whether the form takes a text."""
    return re.search(dag["params"][name]["schema"]["pattern"], text) is not None


def test_it_runs_by_hand_alone(dag: Described) -> None:
    """The time range has no default."""
    assert dag["schedule_seconds"] is None


def test_its_one_task_goes_on_where_it_was(dag: Described) -> None:
    """Tried again for as long as a long span takes."""
    (task,) = dag["tasks"].values()
    assert task["command"].startswith("exec setpriv --pdeathsig KILL ")
    assert task["retries"] == 20


def test_what_the_form_took_is_a_variable_and_no_part_of_the_command(dag: Described) -> None:
    """A shell reads variables in quotes as they are."""
    (task,) = dag["tasks"].values()
    assert task["environment"] == {
        "PAIR": "{{ params.pair }}",
        "FROM": "{{ params.from }}",
        "TO": "{{ params.to }}",
        "KRAKEN_CALL_INTERVAL_SECONDS": "{{ params.call_interval }}",
        "METRICS_PORT": "9465",
    }
    assert task["command"].endswith(' --pair "$PAIR" --from "$FROM" ${TO:+--to "$TO"}')


@pytest.mark.parametrize("text", ["BTC/USD", "XXBTZUSD", "BTC/USD,ETH/USD", "BTC/USD, XBTUSDT"])
def test_a_pair_is_one_or_several(dag: Described, text: str) -> None:
    """As the command line takes them."""
    assert takes(dag, "pair", text)


@pytest.mark.parametrize(
    "text", ["", "BTC/USD;true", "--help", "$(true)", "BTC/USD ETH/USD", "BTC/USD,", "{{ 1 }}"]
)
def test_nothing_else_is_a_pair(dag: Described, text: str) -> None:
    """It goes to a command line, if only as a variable."""
    assert not takes(dag, "pair", text)


@pytest.mark.parametrize("text", ["2026-01-30T18:00:00Z", "2026-01-30T18:00:00+01:00"])
def test_a_time_has_its_zone(dag: Described, text: str) -> None:
    """At either end."""
    assert takes(dag, "from", text)
    assert takes(dag, "to", text)


@pytest.mark.parametrize(
    "text", ["now", "2026-01-30", "2026-01-30T18:00:00", "x2026-01-30T18:00:00Z"]
)
def test_nothing_else_is_a_time(dag: Described, text: str) -> None:
    """The command line would refuse it, and the form does before."""
    assert not takes(dag, "from", text)
    assert not takes(dag, "to", text)


def test_a_span_may_begin_with_the_pair_and_end_now(dag: Described) -> None:
    """But not the other way round."""
    assert takes(dag, "from", "beginning")
    assert takes(dag, "to", "")
    assert not takes(dag, "from", "")
    assert not takes(dag, "to", "beginning")


def test_pair_and_beginning_have_no_default(dag: Described) -> None:
    """A run without parameters fetches nothing."""
    defaults = {name: param["value"] for name, param in dag["params"].items()}
    assert defaults == {"pair": None, "from": None, "to": "", "call_interval": 2}
