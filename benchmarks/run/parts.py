"""The parts of the bench, by their names on the command line."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from benchmarks.output.figures import Figure
from benchmarks.run.environment import Environment
from benchmarks.run.processes import ProgramFailed
from benchmarks.suite import (
    against,
    land,
    latency,
    live,
    log,
    observability,
    open_hour,
    produce,
    query,
    scale,
    store,
    tables,
)

__all__ = ["MEASURES", "Part"]


class Part(StrEnum):
    """What can be measured by itself."""

    PRODUCE = "produce"
    LAND = "land"
    LATENCY = "latency"
    LIVE = "live"
    QUERY = "query"
    OBSERVABILITY = "observability"
    OPEN_HOUR = "open_hour"
    SCALE = "scale"
    LOG = "log"
    STORE = "store"
    TABLES = "tables"
    AGAINST = "against"


def _produce(bench: Environment) -> Mapping[str, Figure]:
    """Kraken's answers to acknowledged records.

    Raises:
        ProgramFailed: A producer lost records.
    """
    stack = bench.stack
    try:
        measured = produce.measure(
            bench.sizes.rounds,
            bench.sizes.produce_records,
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
    Part.OBSERVABILITY: observability.measure,
    Part.OPEN_HOUR: open_hour.measure,
    Part.SCALE: scale.measure,
    Part.LOG: log.measure,
    Part.STORE: store.measure,
    Part.TABLES: tables.measure,
    Part.AGAINST: against.measure,
}
