"""Figures: several measurements of one thing, with their median and spread."""

import statistics
from dataclasses import dataclass

__all__ = ["Figure", "Measurements", "ratios"]

Measurements = dict[str, float]
"""What one run measured, by flat names such as `land.ours.one.rows_per_s`."""


@dataclass(frozen=True)
class Figure:
    """One thing, measured several times.

    Attributes:
        values: The measured values, in the order of the rounds.
        rounds: The round of each value, counted from 0; None if no round is missing.
    """

    values: tuple[float, ...]
    rounds: tuple[int, ...] | None = None

    @property
    def by_round(self) -> dict[int, float]:
        """The values by the numbers of their rounds."""
        rounds = range(len(self.values)) if self.rounds is None else self.rounds
        return dict(zip(rounds, self.values, strict=True))

    @property
    def median(self) -> float:
        """The median value."""
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """The difference of the highest and the lowest value, as a fraction of the median."""
        middle = abs(self.median)
        return (max(self.values) - min(self.values)) / middle if middle else 0.0


def ratios(above: Figure, below: Figure) -> Figure:
    """One figure by another, round by round; rounds in which either is missing are left out."""
    others = below.by_round
    found = {at: value / others[at] for at, value in above.by_round.items() if others.get(at)}
    return Figure(tuple(found.values()), tuple(found))
