"""`kraken-lake schema`."""

import json
from typing import Annotated

import typer

from lake.read.columns import schema
from runtime.tables import PlainTable, open_console

__all__ = ["schema_command"]


def schema_command(
    *,
    at: Annotated[
        int | None, typer.Option(min=1, help="Show the lake as it was after this commit.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Show the columns of all files together, with Arrow's types."""
    columns = [(column.name, str(column.type)) for column in schema(at=at)]
    if as_json:
        typer.echo(json.dumps([{"name": name, "type": kind} for name, kind in columns]))
        return
    table = PlainTable("column", "type")
    for name, kind in columns:
        table.add(name, kind)
    open_console().print(table)
