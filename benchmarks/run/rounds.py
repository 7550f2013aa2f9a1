"""Rounds: each round measures everything once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.output.figures import Figure, Measurements
from benchmarks.run.environment import Environment

__all__ = ["Round", "in_rounds"]


@dataclass(frozen=True)
class Round:
    """One thing that is measured once a round.

    Attributes:
        name: The name for messages.
        measure: Measures it.
    """

    name: str
    measure: Callable[[], Measurements]


def in_rounds(bench: Environment, entries: Sequence[Round], rounds: int) -> dict[str, Figure]:
    """Measure all entries, then all again: A B C A B C.

    If something slows the machine down for a while, it then affects all of them, not one. A program
    that fails is noted, and the others are still measured.
    """
    values: dict[str, dict[int, float]] = {}
    entries = [entry for entry in entries if bench.only in entry.name]
    for number in range(rounds):
        for at, entry in enumerate(entries):
            bench.log(f"round {number + 1}/{rounds}, {at + 1}/{len(entries)}: {entry.name}")
            try:
                measured = entry.measure()
            except Exception as failure:  # noqa: BLE001  an hour's work is not lost for one
                bench.failed(failure)
                continue
            for name, value in measured.items():
                values.setdefault(name, {})[number] = value
    return {
        name: Figure(tuple(measured.values()), tuple(measured)) for name, measured in values.items()
    }
