"""The names in `benchmarks/results/latest.json`, and the files beside the documents."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.output.figures import Figure
from benchmarks.output.plots import draw
from benchmarks.output.results import figures_in
from benchmarks.run.latency_stats import Seen, latencies
from benchmarks.run.machine import Load, machine
from benchmarks.run.sizes import FULL
from benchmarks.run.timeline import Timeline
from benchmarks.suite import land, landing, latency, query
from tests.contract.formats.expected import read
from tests.engine import ROOT

RESULTS = read(ROOT / "benchmarks" / "results" / "latest.json")
NAMES = read("benchmarks.json")


@pytest.fixture(scope="module")
def figures() -> dict[str, Figure]:
    """Those of the project's own results."""
    return figures_in(RESULTS)


def test_every_figure_has_a_name_that_is_known(figures: dict[str, Figure]) -> None:
    """And of every kind of name there are some."""
    kinds = {kind: re.compile(kind) for kind in NAMES["figures"]}
    of = {name: [kind for kind, form in kinds.items() if form.fullmatch(name)] for name in figures}
    assert [name for name, found in of.items() if len(found) != 1] == []
    assert {kind for found in of.values() for kind in found} == set(kinds)


def test_what_stands_beside_the_figures() -> None:
    """What they were measured on; a program that compares two runs reads it."""
    beside = {name: value for name, value in RESULTS.items() if "." not in name}
    assert {*beside} - {"measured_again"} == {
        "sizes",
        "at",
        "machine",
        "versions",
        "load",
        "spread",
    }
    assert {*beside["machine"]} == {*machine(ROOT)} == {*NAMES["machine"]}
    assert {*beside["load"]} == {*Load().summary()} == {"before", "highest"}
    assert {*beside["spread"]} <= {*RESULTS}


def test_the_bench_measures_under_the_same_names(figures: dict[str, Figure]) -> None:
    """Who lands what, and who follows which feed; what is compared comes out as it stands there."""
    measured = [case.key for case in (*land.cases(FULL), *latency.cases(FULL))]
    assert measured == NAMES["cases"]
    for compared, names in ((land.compared, NAMES["land"]), (query.compared, NAMES["query"])):
        found = compared(figures)
        assert [*found] == names
        assert found.keys() <= figures.keys()


def test_a_run_is_measured_by_these_figures() -> None:
    """A landing, synthetic, of six million rows in two seconds."""
    program = SimpleNamespace(started=0.0, cpu_seconds=2.0, peak_memory_bytes=3)
    landed = Timeline([(1.0, 1_000_000), (2.0, 6_000_000)])
    assert [*landing.figures(program, landed, 0.5, 1_000_000)] == NAMES["of a landing"]
    seen = Seen(np.arange(4.0), np.arange(4.0) + 1, frozenset(("A", one) for one in range(4)))
    assert [*latencies(seen, (0.0, 4.0))] == NAMES["of latency"]


def test_each_plot_has_its_file(figures: dict[str, Figure], tmp_path: Path) -> None:
    """Drawn from the project's results, where the documents show it."""
    drawn = {path.name for path in draw(figures, tmp_path)}
    assert drawn == {path.name for path in (ROOT / "docs" / "benchmarks").glob("*.svg")}
    assert drawn == {*NAMES["plots"]}
