"""Print open gaps as a table. Pure."""

from collections.abc import Sequence
from datetime import datetime

from rich.table import Table

from producer.model.gaps.open_gap import OpenGap
from runtime.tables import PlainTable

__all__ = ["as_table"]


def as_table(gaps: Sequence[OpenGap]) -> Table:
    """Lay out one row per gap."""
    table = PlainTable()
    table.add_column("symbol")
    for heading in ("first id", "last id", "missing"):
        table.add_column(heading, justify="right")
    table.add_column("since (UTC)")
    table.add_column("asked", justify="right")
    table.add_column("next question (UTC)")
    for gap in gaps:
        table.add(
            gap.symbol,
            str(gap.first_trade_id),
            str(gap.last_trade_id),
            str(gap.missing),
            f"{gap.found_at:%F %T}",
            str(gap.asked),
            _time(gap.ask_at),
        )
    return table


def _time(moment: datetime | None) -> str:
    return f"{moment:%F %T}" if moment else "at once"
