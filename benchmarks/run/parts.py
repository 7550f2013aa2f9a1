"""The parts of the bench, by their names on the command line."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from benchmarks.output.figures import Figure
from benchmarks.run.environment import Environment
from benchmarks.run.processes import ProgramFailed
from benchmarks.suite import land, latency, live, produce, query, scale

__all__ = ["MEASURES", "Part"]


class Part(StrEnum):
    """What can be measured by itself."""

    PRODUCE = "produce"
    LAND = "land"
    LATENCY = "latency"
    LIVE = "live"
    QUERY = "query"
    SCALE = "scale"


def _produce(rig: Environment) -> Mapping[str, Figure]:
    """Kraken's answers to acknowledged records.

    Raises:
        ProgramFailed: A producer lost records.
    """
    stack = rig.stack
    try:
        measured = produce.measure(
            rig.sizes.rounds,
            rig.sizes.produce_records,
            stack.bootstrap_servers,
            stack.registry_url,
        )
    except produce.ProducedTooFew as error:
        raise ProgramFailed(str(error)) from error
    return {name: Figure(values) for name, values in measured.items()}


MEASURES: Final[Mapping[Part, Callable[[Environment], Mapping[str, Figure]]]] = {
    Part.PRODUCE: _produce,
    Part.LAND: land.measure,
    Part.LATENCY: latency.measure,
    Part.LIVE: live.measure,
    Part.QUERY: query.measure,
    Part.SCALE: scale.measure,
}
