"""`kraken-lake verify`: prints a table or JSON, and sets the exit status."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated, TextIO

import typer
from pydantic import BaseModel, ValidationError

from lake.settings import LakeSettings
from lake.verify.missing_id_reasons import Ids
from lake.verify.producer_commands import (
    ask_candles,
    ask_dead_letters,
    ask_holes,
    ask_open_gaps,
    ask_parked,
    ask_source,
    ask_trade_ids,
    read_holes,
)
from lake.verify.references import References
from lake.verify.tables import show
from lake.verify.verification import verify
from lake.verify.verified_hours import verified_hours
from lake.verify.verified_record import record_verification
from runtime.tables import open_console

__all__ = ["verify_command"]


def verify_command(  # noqa: PLR0913  one parameter per option is how typer reads a command line
    *,
    holes: Annotated[
        typer.FileText | None,
        typer.Option(
            help="A file that `kraken-lake holes --json` wrote: ids that the exchange "
            "itself does not have. - reads it from stdin.",
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
        bool,
        typer.Option("--against-kafka", help="Compare the lake's position with Kafka's offsets."),
    ] = False,
    if_reachable: Annotated[
        bool,
        typer.Option("--if-reachable", help="Go on without Kraken or Kafka if it does not answer."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Read every column of every file, by DuckDB and by pyarrow, also of files that "
            "have not changed since a former run proved them.",
        ),
    ] = False,
    name_hours: Annotated[
        bool,
        typer.Option("--name-hours", help="End with a line of JSON: the hours that were verified."),
    ] = False,
) -> None:
    """Prove that the lake is whole; exit status 0 only if it is.

    A file that a former run proved is not read again while its size, modification time, inode and
    commit are the same; --full reads it all the same.

    With --against-kraken or --against-kafka, --holes is not needed: the holes are asked for too,
    and so are dead letters, gaps that are still being requested, and parked pairs. A pair that
    Kraken does not know is listed as unproved and is no failure. If Kraken does not answer, that is
    a failure unless --if-reachable is given.
    """
    settings = LakeSettings()
    layout = settings.layout
    references = References(
        catalog_uri=settings.catalog_uri,
        candles=ask_candles if against_kraken else None,
        source=ask_source if against_kafka else None,
        may_be_silent=if_reachable,
    )
    if against_kraken or against_kafka:
        references = replace(
            references,
            holes=ask_holes,
            dead_letters=ask_dead_letters,
            open_gaps=ask_open_gaps,
            parked=ask_parked,
            trade_ids=ask_trade_ids,
        )
    if holes:
        references = replace(references, holes=_given(holes))
    found = verify(layout, references, full=full)
    if not record_verification(layout, found, datetime.now(UTC)):
        # The lake may be verified by someone who may only read it.
        typer.echo("the result is not kept for the pages and the metrics: cannot write", err=True)
    if as_json:
        typer.echo(json.dumps({**asdict(found), "holds": found.holds}, default=_as_text))
    else:
        show(open_console(), layout.exchange, found)
    if name_hours and found.holds:
        typer.echo(json.dumps(verified_hours(found, datetime.now(UTC))))
    raise typer.Exit(0 if found.holds else 1)


def _given(file: TextIO) -> Callable[[], Ids]:
    """Read the holes that a file lists, before the lake is read: a wrong file fails at once."""
    try:
        holes = read_holes(file.read())
    except (ValidationError, UnicodeDecodeError) as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "it is no UTF-8"
        raise typer.BadParameter(
            f"{file.name} does not list holes as `kraken-lake holes --json` does: {why}",
            param_hint="--holes",
        ) from error
    return lambda: holes


def _as_text(value: datetime | BaseModel) -> object:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value.isoformat()
