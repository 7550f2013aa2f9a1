"""`python -m lake verify`: a table for a person, JSON for a machine, a status for a script."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from lake.settings import LakeSettings
from lake.verify import Verification, verify

__all__ = ["verify_command"]


def verify_command(
    *, as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False
) -> None:
    """Prove that the lake is whole; exit status 0 only if it is."""
    found = verify(LakeSettings().layout)
    if as_json:
        typer.echo(json.dumps({**asdict(found), "holds": found.holds}))
    else:
        _show(Console(), found)
    raise typer.Exit(0 if found.holds else 1)


def _show(console: Console, found: Verification) -> None:
    table = Table("symbol", box=box.SIMPLE_HEAD)
    for heading in ("trades", "first id", "last id", "hours", "missing ids"):
        table.add_column(heading, justify="right")
    for proof in found.symbols:
        missing = sum(last - first + 1 for first, last in proof.missing)
        figures = (proof.trades, proof.first_id, proof.last_id, proof.hours, missing)
        table.add_row(proof.symbol, *(f"{figure}" for figure in figures))
    console.print(table)
    for problem in found.problems:
        console.print(
            f"{problem.kind}: {problem.where}: {problem.advice}", highlight=False, soft_wrap=True
        )
    verdict = "The lake is whole." if found.holds else f"{len(found.problems)} problems."
    console.print(
        f"{found.commits} commits, {found.files} files, {found.quarantined} records in quarantine. "
        f"{verdict}",
        highlight=False,
    )
