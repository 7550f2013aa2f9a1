"""Print the offsets of the trades topic as a table and as JSON. Pure."""

import json
from dataclasses import asdict

from rich.table import Table

from runtime.tables import PlainTable
from runtime.topic_state import TopicState

__all__ = ["as_json", "as_table"]


def as_table(state: TopicState) -> Table:
    """Lay out one row per partition."""
    title = f"{state.topic} ({state.topic_id}) of cluster {state.cluster_id}"
    table = PlainTable(title=title, title_justify="left")
    for heading in ("partition", "earliest", "latest"):
        table.add_column(heading, justify="right")
    for partition, latest in sorted(state.latest.items()):
        table.add(str(partition), str(state.earliest[partition]), str(latest))
    return table


def as_json(state: TopicState) -> str:
    """Return one object with the fields of `TopicState`."""
    return json.dumps(asdict(state))
