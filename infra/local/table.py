"""The lake for a terminal: a table of hours, and the tree of files."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.table import Table
from rich.tree import Tree

from lake.read.report import HourSummary
from runtime.tables import PlainTable

_STYLE: Final[Mapping[str, Any]] = {
    "title_justify": "left",
    "padding": 0,
    "pad_edge": False,
}

__all__ = ["folder_tree", "hour_table", "step_table"]


def hour_table(summaries: Sequence[HourSummary]) -> Table:
    """Return a table of symbols and hours, narrow enough for a terminal of 80 columns."""
    table = PlainTable(title="What has landed, hour by hour", **_STYLE)
    table.add_column("symbol", no_wrap=True)
    table.add_column("hour (UTC)", no_wrap=True)
    for heading in ("trades", "first id", "last id", "first", "last", "volume"):
        table.add_column(heading, justify="right", no_wrap=True)
    for hour in summaries:
        table.add(
            hour.symbol,
            f"{hour.hour:%Y-%m-%d %H}h",
            f"{hour.trades}",
            f"{hour.first_id}",
            f"{hour.last_id}",
            f"{hour.first_at:%H:%M:%S}",
            f"{hour.last_at:%H:%M:%S}",
            f"{hour.volume:.8f}",
        )
    return table


def folder_tree(name: str, entries: Iterable[tuple[int, str]]) -> Tree:
    """Return a tree of folders and files from their depths (1 for the topmost) and names."""
    root = Tree(name)
    open_branches = [root]
    for depth, entry in entries:
        del open_branches[depth:]
        open_branches.append(open_branches[-1].add(entry))
    return root


def step_table(steps: Iterable[tuple[str, float]]) -> Table:
    """Return what took how long, in seconds, and the sum."""
    steps = list(steps)
    table = PlainTable("step", title="What took how long", show_footer=True, **_STYLE)
    table.columns[0].footer = "in all"
    total = sum(seconds for _, seconds in steps)
    table.add_column("seconds", justify="right", footer=f"{total:.1f}")
    for name, seconds in steps:
        table.add(name, f"{seconds:.1f}")
    return table
