"""This checkout beside another one, such as an older version: the same topics, in one run.

Each runs in the environment of its checkout. They land one topic of eight pairs and one of many,
and follow the WebSocket of a stand-in for Kraken with their own producers.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.data.pairs import many_pairs
from benchmarks.data.topics import Filling
from benchmarks.output.figures import Figure, Measurements, ratios
from benchmarks.run.candidates import OURS, Candidate, ours_on
from benchmarks.run.environment import Environment
from benchmarks.run.rounds import Round, in_rounds
from benchmarks.suite.land import filling_of
from benchmarks.suite.landing import Landing, land
from benchmarks.suite.latency import Case, watch

__all__ = ["measure"]

_RATE: Final = 1_000
_FEW: Final = 8
_MANY: Final = 300
_BATCHES: Final = 4
Contender = tuple[str, Environment, Candidate]


def measure(bench: Environment) -> Mapping[str, Figure]:
    """Measure both checkouts; nothing if there is no other one."""
    if bench.against is None:
        return {}
    contenders = [("this", bench, OURS), _other(bench, bench.against)]
    one = filling_of(bench.sizes.land_records)
    usual = filling_of(bench.sizes.scale_records)
    many = Filling(usual.records, seconds=usual.seconds, pairs=tuple(many_pairs(_MANY)))
    tasks: dict[str, Callable[[Contender], Measurements]] = {
        "land_one": partial(_land, one),
        f"land_{_MANY}_pairs": partial(_land, many),
        f"follow_{_FEW}_pairs": partial(_follow, _FEW),
        f"follow_{_MANY}_pairs": partial(_follow, _MANY),
    }
    measured = in_rounds(
        bench,
        [
            Round(f"against.{task}.{who[0]}", partial(_named, task, who, what))
            for task, what in tasks.items()
            for who in contenders
        ],
        bench.sizes.rounds,
    )
    return measured | _compared(measured)


def _other(bench: Environment, checkout: Path) -> Contender:
    environment = replace(bench, checkout=checkout)
    return "other", environment, ours_on("ours_other", str(checkout), checkout=checkout)


def _named(task: str, who: Contender, what: Callable[[Contender], Measurements]) -> Measurements:
    return {f"against.{task}.{who[0]}.{name}": value for name, value in what(who).items()}


def _land(filling: Filling, who: Contender) -> Measurements:
    _, bench, candidate = who
    batch = min(filling.records // _BATCHES, bench.sizes.land_batch)
    return land(
        bench, Landing(candidate, bench.topic(filling), filling.records, batch, warm_after=batch)
    )


def _follow(pairs: int, who: Contender) -> Measurements:
    _, bench, candidate = who
    return watch(bench, Case(candidate, "websocket", _RATE, pairs))


def _compared(measured: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return each figure of this checkout by the other's, round by round."""
    found = {}
    for name, figure in measured.items():
        _, task, who, what = name.split(".")
        other = measured.get(f"against.{task}.other.{what}")
        if who == "this" and other is not None:
            found[f"against.{task}.ratio.{what}"] = ratios(figure, other)
    return found
