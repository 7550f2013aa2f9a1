"""The figures as tables for a person: first those that decide, then all of them."""

from collections.abc import Iterator, Mapping

from benchmarks.output.figures import Figure
from benchmarks.output.targets import TARGETS
from runtime.tables import PlainTable

__all__ = ["part_tables", "shown", "target_table"]

_PER_CENT = 100


def target_table(figures: Mapping[str, Figure]) -> PlainTable:
    """Each figure that decides, with its bound, and whether it was reached."""
    table = PlainTable(title="What decides", title_justify="left")
    for heading in ("figure", "median", "spread", "must be", "reached", "meaning"):
        table.add_column(heading, justify="right" if heading in {"median", "spread"} else "left")
    for name, target in TARGETS.items():
        figure = figures.get(name)
        reached = "not measured"
        if figure is not None:
            reached = "yes" if target.is_reached(figure.median) else "NO"
        cells = [shown(figure), _spread(figure), f"{target.sign} {target.bound:g}"]
        table.add(name, *cells, reached, target.meaning)
    return table


def part_tables(figures: Mapping[str, Figure]) -> Iterator[PlainTable]:
    """A table for each kind of figure: a row for what was measured, a column for what of it."""
    parts: dict[str, dict[str, dict[str, Figure]]] = {}
    for name, figure in figures.items():
        if name not in TARGETS:
            part, _, rest = name.partition(".")
            row, _, metric = rest.rpartition(".")
            parts.setdefault(part, {}).setdefault(row, {})[metric] = figure
    for part, rows in parts.items():
        metrics = list(dict.fromkeys(metric for row in rows.values() for metric in row))
        table = PlainTable(title=part, title_justify="left")
        table.add_column("")
        for metric in metrics:
            table.add_column(metric, justify="right")
        for row, cells in rows.items():
            texts = (shown(cells.get(metric)) for metric in metrics)
            table.add(row or "all", *texts)
        yield table


def shown(figure: Figure | None) -> str:
    """Three digits that matter: 171,234 is 171,000 and 0.91234 is 0.912."""
    if figure is None:
        return ""
    return f"{float(f'{figure.median:.3g}'):,.10g}"


def _spread(figure: Figure | None) -> str:
    if figure is None or len(figure.values) == 1:
        return ""
    return f"{figure.spread * _PER_CENT:.0f} %"
