"""The lake as a person likes to see it: a table of hours, and the tree of files."""

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.tree import Tree

from lake.report import HourSummary

__all__ = ["folder_tree", "hour_table", "step_table"]


def hour_table(summaries: Sequence[HourSummary]) -> Table:
    """A row a symbol and hour, and a total."""
    table = Table(title="The lake, read by DuckDB from plain Parquet files", title_justify="left")
    for heading in ("symbol", "hour (UTC)"):
        table.add_column(heading)
    for heading in ("trades", "first id", "last id"):
        table.add_column(heading, justify="right")
    for heading in ("first at", "last at"):
        table.add_column(heading)
    table.add_column("volume", justify="right")
    for hour in summaries:
        table.add_row(
            hour.symbol,
            f"{hour.hour:%Y-%m-%d %H}h",
            f"{hour.trades}",
            f"{hour.first_id}",
            f"{hour.last_id}",
            f"{hour.first_at:%H:%M:%S.%f}",
            f"{hour.last_at:%H:%M:%S.%f}",
            f"{hour.volume:.8f}",
        )
    return table


def folder_tree(name: str, entries: Iterable[tuple[int, str]]) -> Tree:
    """Folders and files, from their depths (1 for the topmost) and names."""
    root = Tree(name)
    open_branches = [root]
    for depth, entry in entries:
        del open_branches[depth:]
        open_branches.append(open_branches[-1].add(entry))
    return root


def step_table(steps: Iterable[tuple[str, float]]) -> Table:
    """What took how long, in seconds, and the sum."""
    steps = list(steps)
    table = Table("step", title="What took how long", title_justify="left", show_footer=True)
    table.columns[0].footer = "in all"
    total = sum(seconds for _, seconds in steps)
    table.add_column("seconds", justify="right", footer=f"{total:.1f}")
    for name, seconds in steps:
        table.add_row(name, f"{seconds:.1f}")
    return table
