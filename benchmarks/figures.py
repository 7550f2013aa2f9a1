"""Figures: several measurements of one thing, its middle and its spread."""

import statistics
from dataclasses import dataclass

__all__ = ["Figure", "Measurements", "ratios"]

Measurements = dict[str, float]
"""What one run measured, by flat names such as `land.ours.one.rows_per_s`."""


@dataclass(frozen=True)
class Figure:
    """One thing, measured several times.

    Attributes:
        values: in the order of the rounds.
    """

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """From the lowest to the highest, as a part of the median."""
        middle = abs(self.median)
        return (max(self.values) - min(self.values)) / middle if middle else 0.0


def ratios(above: Figure, below: Figure) -> Figure:
    """One figure by another, round by round."""
    pairs = zip(above.values, below.values, strict=False)
    return Figure(tuple(a / b for a, b in pairs if b))
