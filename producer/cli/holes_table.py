"""Print confirmed holes as a table. Pure."""

from collections.abc import Sequence

from rich.table import Table

from producer.model.gaps.hole import Hole
from runtime.tables import PlainTable

__all__ = ["as_table"]


def as_table(holes: Sequence[Hole]) -> Table:
    """Lay out one row per hole."""
    table = PlainTable()
    table.add_column("symbol")
    for heading in ("first id", "last id", "missing"):
        table.add_column(heading, justify="right")
    table.add_column("confirmed (UTC)")
    for hole in holes:
        table.add(
            hole.symbol,
            str(hole.first_trade_id),
            str(hole.last_trade_id),
            str(hole.missing),
            f"{hole.confirmed_at:%F %T}",
        )
    return table
