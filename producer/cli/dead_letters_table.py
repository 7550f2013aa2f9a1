"""Print dead letters as a table and as JSON. Pure."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from rich.table import Table

from producer.cli.dead_letters import DeadLetter
from runtime.tables import PlainTable

__all__ = ["as_json", "as_table"]


def as_table(letters: Sequence[DeadLetter]) -> Table:
    """Lay out one row per dead letter."""
    table = PlainTable()
    table.add_column("symbol")
    table.add_column("trade id", justify="right")
    table.add_column("recorded (UTC)")
    table.add_column("reason")
    for one in letters:
        table.add(
            one.symbol,
            "none" if one.trade_id is None else str(one.trade_id),
            "" if one.recorded_at is None else f"{one.recorded_at:%F %T}",
            one.reason,
        )
    return table


def as_json(letters: Sequence[DeadLetter]) -> str:
    """Return an array with one object per dead letter, with the fields of `DeadLetter`."""
    return json.dumps([asdict(one) for one in letters], default=_as_text, indent=2)


def _as_text(value: datetime) -> str:
    return value.isoformat()
