"""`python -m lake`: report on a lake, verify it, and compact it."""

from collections.abc import Callable
from typing import Annotated

import duckdb
import typer
from pydantic import ValidationError
from rich.console import Console

from lake.cli import quarantine as quarantine_command
from lake.cli.compact import compact_command
from lake.cli.reread import reread_command
from lake.cli.schema import schema_command
from lake.cli.verify import verify_command
from lake.errors import LakeError
from lake.log.snapshot import files
from lake.read.report import hours
from lake.settings import LakeSettings
from runtime.output import outlive_readers
from runtime.tables import PlainTable

app = typer.Typer(no_args_is_help=True, help=__doc__)
app.add_typer(quarantine_command.app, name="quarantine")
app.command("schema")(schema_command)
app.command("verify")(verify_command)
app.command("compact")(compact_command)
app.command("reread")(reread_command)


@app.command()
def report() -> None:
    """Count trades and show ids, volume and files per symbol and hour."""
    table = PlainTable()
    for heading in ("symbol", "hour (UTC)"):
        table.add_column(heading)
    for heading in ("trades", "first id", "last id", "volume", "files"):
        table.add_column(heading, justify="right")
    for hour in hours(LakeSettings().layout):
        table.add(
            hour.symbol,
            f"{hour.hour:%Y-%m-%d %H}h",
            f"{hour.trades}",
            f"{hour.first_id}",
            f"{hour.last_id}",
            f"{hour.volume:.8f}",
            f"{hour.files}",
        )
    Console().print(table)


@app.command("files")
def files_command(
    at: Annotated[
        int | None, typer.Option(min=1, help="Show the lake as it was after this commit.")
    ] = None,
) -> None:
    """List the files that make up the lake, one per line."""
    for path in files(LakeSettings().layout, at):
        typer.echo(path)


def main(command: Callable[[], object] = app) -> None:
    """Run a command; report a user's mistake or a damaged lake as a message, not a traceback."""
    try:
        command()
    except (LakeError, ValidationError) as error:
        message = str(error)
    except (duckdb.Error, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        message = f"the lake cannot be read: {reason}; `python -m lake verify` names damaged files"
    else:
        return
    typer.echo(f"lake: {message}", err=True)
    raise SystemExit(1)


if __name__ == "__main__":
    outlive_readers()
    main()
