"""`results/latest.json`: medians under flat names, and beside them what they were measured on.

{"land.vs_read": 0.91, …, "spread": {"land.vs_read": [0.88, 0.93], …}, "machine": {…}, …}
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.output.figures import Figure
from benchmarks.output.targets import TARGETS

__all__ = ["figures_in", "read", "rendered", "renewed", "write"]

_DIGITS = 6


def rendered(figures: Mapping[str, Figure], about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of the file.

    Args:
        figures: All that was measured.
        about: What it was measured on, under names that no figure has.
    """
    medians: dict[str, float | None] = dict.fromkeys(sorted({*TARGETS, *figures}))
    medians |= {name: _rounded(figure.median) for name, figure in figures.items()}
    spread = {
        name: [_rounded(min(figure.values)), _rounded(max(figure.values))]
        for name, figure in sorted(figures.items())
        if len(figure.values) > 1
    }
    return {**medians, "spread": spread, **about}


def figures_in(content: Mapping[str, Any]) -> dict[str, Figure]:
    """The figures of a file's content: of more than two rounds the median and what is around it."""
    return {
        name: Figure(_values(median, content.get("spread", {}).get(name)))
        for name, median in content.items()
        if isinstance(median, float)
    }


def renewed(
    before: Mapping[str, Any], figures: Mapping[str, Figure], about: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the content with some of its figures measured again.

    Args:
        before: The previous content; what it says about its own run is kept.
        figures: The figures that replace those of the same names.
        about: What they were measured on; added under `measured_again`.
    """
    known = {**figures_in(before), **figures}
    kept = {name: before[name] for name in before if "." not in name and name != "spread"}
    again = [*before.get("measured_again", ()), {**about, "figures": sorted(figures)}]
    return rendered(known, kept | {"measured_again": again})


def _values(median: float, ends: Sequence[float] | None) -> tuple[float, ...]:
    if ends is None:
        return (median,)
    lowest, highest = ends
    return (lowest, median, highest)


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write the file whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(path)


def read(path: Path) -> dict[str, Any]:
    """Return what `write` wrote."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
