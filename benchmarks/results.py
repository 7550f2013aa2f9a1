"""`results/latest.json`: medians under flat names, and beside them what they were measured on.

{"land.vs_read": 0.91, …, "spread": {"land.vs_read": [0.88, 0.93], …}, "machine": {…}, …}
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.targets import TARGETS

__all__ = ["read", "rendered", "write"]

_DIGITS = 6


def rendered(figures: Mapping[str, Figure], about: Mapping[str, Any]) -> dict[str, Any]:
    """The content of the file.

    Args:
        figures: all that was measured.
        about: what it was measured on, under names that no figure has.
    """
    medians: dict[str, float | None] = dict.fromkeys(sorted({*TARGETS, *figures}))
    medians |= {name: _rounded(figure.median) for name, figure in figures.items()}
    spread = {
        name: [_rounded(min(figure.values)), _rounded(max(figure.values))]
        for name, figure in sorted(figures.items())
        if len(figure.values) > 1
    }
    return {**medians, "spread": spread, **about}


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write the file whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(path)


def read(path: Path) -> dict[str, Any]:
    """What `write` wrote."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
