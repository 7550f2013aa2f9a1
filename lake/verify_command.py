"""`python -m lake verify`: a table for a person, JSON for a machine, a status for a script."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, TextIO

import typer
from pydantic import ValidationError
from rich.console import Console

from lake.completeness import Holes
from lake.questions import ask_candles, ask_holes, ask_source, read_holes
from lake.settings import LakeSettings
from lake.verdict import show
from lake.verified_hours import verified_hours
from lake.verify import verify
from lake.witnesses import Witnesses

__all__ = ["verify_command"]


def verify_command(  # noqa: PLR0913  one parameter per option is how typer reads a command line
    *,
    holes: Annotated[
        typer.FileText | None,
        typer.Option(
            help="What `python -m producer holes --json` wrote: ids that the exchange itself "
            "does not have. - reads it from stdin.",
        ),
    ] = None,
    against_kraken: Annotated[
        bool,
        typer.Option(
            "--against-kraken",
            help="Compare each minute of the last twelve hours with Kraken's own candles.",
        ),
    ] = False,
    against_kafka: Annotated[
        bool, typer.Option("--against-kafka", help="Hold the lake's position against the broker.")
    ] = False,
    if_reachable: Annotated[
        bool,
        typer.Option("--if-reachable", help="Go on without Kraken or Kafka where it is silent."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
    name_hours: Annotated[
        bool,
        typer.Option("--name-hours", help="End with a line of JSON: the hours that were verified."),
    ] = False,
) -> None:
    """Prove that the lake is whole; exit status 0 only if it is.

    Who asks Kraken or Kafka need not hand in the holes: they are asked for too.
    """
    ask_somebody = against_kraken or against_kafka
    layout = LakeSettings().layout
    witnesses = Witnesses(
        holes=_given(holes) if holes or not ask_somebody else ask_holes,
        candles=ask_candles if against_kraken else None,
        source=ask_source if against_kafka else None,
        may_be_silent=if_reachable,
    )
    found = verify(layout, witnesses)
    if as_json:
        typer.echo(json.dumps({**asdict(found), "holds": found.holds}, default=_as_text))
    else:
        show(Console(), layout.exchange, found)
    if name_hours and found.holds:
        typer.echo(json.dumps(verified_hours(found, datetime.now(UTC))))
    raise typer.Exit(0 if found.holds else 1)


def _given(file: TextIO | None) -> Callable[[], Holes]:
    """The holes that a file lists, read at once: a wrong file is told before anything is done."""
    try:
        holes = read_holes(file.read()) if file else {}
    except ValidationError as error:
        raise typer.BadParameter(
            f"{file.name if file else None} does not list holes as `python -m producer holes "
            f"--json` does: {error.errors()[0]['msg']}",
            param_hint="--holes",
        ) from error
    return lambda: holes


def _as_text(value: datetime) -> str:
    return value.isoformat()
