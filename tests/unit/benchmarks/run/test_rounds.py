"""Everything once, then everything again."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from benchmarks.output.figures import Measurements
from benchmarks.run.environment import Environment
from benchmarks.run.processes import ProgramFailed
from benchmarks.run.rounds import Round, in_rounds
from benchmarks.run.sizes import TINY

if TYPE_CHECKING:
    from infra.embedded import EmbeddedStack


@pytest.fixture
def bench(tmp_path: Path) -> Environment:
    """One without a stack, which rounds do not need."""
    return Environment(cast("EmbeddedStack", None), tmp_path, TINY, cores=2, log=lambda _: None)


def test_entries_take_turns(bench: Environment) -> None:
    """A B A B: what slows the machine for a while slows both."""
    order: list[str] = []

    def entry(name: str) -> Round:
        def measure() -> Measurements:
            order.append(name)
            return {name: float(len(order))}

        return Round(name, measure)

    figures = in_rounds(bench, [entry("a"), entry("b")], rounds=2)
    assert order == ["a", "b", "a", "b"]
    assert {name: figure.values for name, figure in figures.items()} == {
        "a": (1.0, 3.0),
        "b": (2.0, 4.0),
    }


def test_one_that_fails_keeps_no_other_from_being_measured(bench: Environment) -> None:
    """Its failure is reported at the end; the rest of an hour's work is not lost."""

    def fail() -> Measurements:
        raise ProgramFailed("a rival ended with status 1")

    figures = in_rounds(bench, [Round("bad", fail), Round("good", lambda: {"good": 1.0})], rounds=1)
    assert list(figures) == ["good"]
    assert bench.failures == ["a rival ended with status 1"]


def test_nor_does_an_error_that_nobody_foresaw(bench: Environment) -> None:
    """It is reported with its type, and the figures of the other rounds keep their numbers."""
    answers = iter([ZeroDivisionError("by a rival"), {"shaky": 2.0}])

    def shake() -> Measurements:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    figures = in_rounds(bench, [Round("shaky", shake)], rounds=2)
    assert bench.failures == ["ZeroDivisionError: by a rival"]
    assert figures["shaky"].by_round == {1: 2.0}
