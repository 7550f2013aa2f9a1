"""Print confirmed holes as a table. Pure."""

from collections.abc import Sequence

from rich import box
from rich.table import Table

from producer.model.gaps.hole import Hole

__all__ = ["as_table"]


def as_table(holes: Sequence[Hole]) -> Table:
    """Lay out one row per hole."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("symbol")
    for heading in ("first id", "last id", "missing"):
        table.add_column(heading, justify="right")
    table.add_column("confirmed (UTC)")
    for hole in holes:
        table.add_row(
            hole.symbol,
            str(hole.first_trade_id),
            str(hole.last_trade_id),
            str(hole.missing),
            f"{hole.confirmed_at:%F %T}",
        )
    return table
