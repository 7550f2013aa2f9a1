"""`python -m lake schema`."""

import json
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from lake.read.columns import schema

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
    table = Table("column", "type", box=box.SIMPLE_HEAD)
    for name, kind in columns:
        table.add_row(name, kind)
    Console().print(table)
