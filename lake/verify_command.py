"""`python -m lake verify`: a table for a person, JSON for a machine, a status for a script."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, TextIO

import typer
from pydantic import BaseModel, TypeAdapter, ValidationError
from rich import box
from rich.console import Console
from rich.table import Table

from lake.intervals import Run
from lake.layout import symbol_to_folder
from lake.proof import Verification
from lake.settings import LakeSettings
from lake.verify import verify

__all__ = ["verify_command"]


class _Hole(BaseModel):
    """One of `python -m producer holes --json`."""

    symbol: str
    first_trade_id: int
    last_trade_id: int


def verify_command(
    *,
    holes: Annotated[
        typer.FileText | None,
        typer.Option(
            help="What `python -m producer holes --json` wrote: ids that the exchange itself "
            "does not have. - reads it from stdin.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Prove that the lake is whole; exit status 0 only if it is."""
    found = verify(LakeSettings().layout, _confirmed(holes))
    if as_json:
        typer.echo(json.dumps({**asdict(found), "holds": found.holds}, default=_as_text))
    else:
        _show(Console(), found)
    raise typer.Exit(0 if found.holds else 1)


def _confirmed(file: TextIO | None) -> dict[str, list[Run]]:
    if file is None:
        return {}
    try:
        listed = TypeAdapter(list[_Hole]).validate_json(file.read())
    except ValidationError as error:
        raise typer.BadParameter(
            f"{file.name} does not list holes as `python -m producer holes --json` does: "
            f"{error.errors()[0]['msg']}",
            param_hint="--holes",
        ) from error
    holes: dict[str, list[Run]] = {}
    for hole in listed:
        run = (hole.first_trade_id, hole.last_trade_id)
        holes.setdefault(symbol_to_folder(hole.symbol), []).append(run)
    return holes


def _as_text(value: datetime) -> str:
    return value.isoformat()


def _show(console: Console, found: Verification) -> None:
    table = Table("symbol", box=box.SIMPLE_HEAD)
    for heading in ("trades", "first id", "last id", "twice", "missing", "confirmed", "hours"):
        table.add_column(heading, justify="right")
    for proof in found.symbols:
        missing = sum(last - first + 1 for first, last in proof.missing)
        table.add_row(
            proof.symbol,
            f"{proof.trades}",
            f"{proof.first_id}",
            f"{proof.last_id}",
            f"{proof.duplicates}",
            f"{missing}",
            f"{proof.confirmed}",
            f"{len(proof.hours)}",
        )
    console.print(table)
    for problem in found.problems:
        console.print(
            f"{problem.kind}: {problem.where}: {problem.advice}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    wrong = len(found.problems)
    verdict = f"{wrong} problem{'s' * (wrong > 1)}." if wrong else "The lake is whole."
    console.print(
        f"{found.commits} commits, {found.files} files, {found.quarantined} records in quarantine. "
        f"{verdict}",
        highlight=False,
    )
