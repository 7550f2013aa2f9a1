"""Confirmed holes as a person reads them, and as a program does: pure."""

import json
from collections.abc import Sequence

from rich import box
from rich.table import Table

from producer.hole import Hole

__all__ = ["as_json", "as_table"]


def as_table(holes: Sequence[Hole]) -> Table:
    """One row a hole."""
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


def as_json(holes: Sequence[Hole]) -> str:
    """An array with an object a hole, its fields those of `Hole`."""
    return json.dumps([hole.model_dump(mode="json") for hole in holes], indent=2)
