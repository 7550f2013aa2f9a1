"""Print parked pairs as a table. Pure."""

from collections.abc import Sequence

from rich.table import Table

from producer.model.pair_state import PairState
from runtime.tables import PlainTable

__all__ = ["as_note", "as_table"]


def as_table(states: Sequence[PairState]) -> Table:
    """Lay out one row per pair."""
    table = PlainTable()
    for heading in ("symbol", "status", "since (UTC)"):
        table.add_column(heading, no_wrap=True)
    table.add_column("reason, and what to do")
    for state in states:
        message = f"{state.reason}; {state.advice}"
        table.add(state.symbol, state.status, f"{state.parked_at:%F %T}", message)
    return table


def as_note(states: Sequence[PairState]) -> str:
    """Return one line for a command that lists something else; empty if every pair is recorded."""
    if not states:
        return ""
    symbols = ", ".join(state.symbol for state in states)
    return f"not recorded for now: {symbols} (kraken-lake pairs says why)"
