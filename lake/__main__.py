"""Report on a lake, verify it, compact it, and retire old hours."""

from collections.abc import Callable
from typing import Annotated

import typer
from pydantic import ValidationError

from lake.cli import quarantine as quarantine_command
from lake.cli import tables as tables_command
from lake.cli.compact import compact_command
from lake.cli.report import report_command
from lake.cli.reread import reread_command
from lake.cli.retire import retire_command
from lake.cli.schema import schema_command
from lake.cli.verify import verify_command
from lake.errors import LakeError
from lake.log.snapshot import files
from lake.read.failures import READ_FAILURES, unreadable
from lake.settings import LakeSettings
from runtime.output import outlive_readers
from runtime.settings import validation_message

__all__ = ["app", "main"]

app = typer.Typer(no_args_is_help=True, help=__doc__)
app.add_typer(quarantine_command.app, name="quarantine")
app.add_typer(tables_command.app, name="tables")
app.command("schema")(schema_command)
app.command("report")(report_command)
app.command("verify")(verify_command)
app.command("compact")(compact_command)
app.command("retire")(retire_command)
app.command("reread")(reread_command)


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
    except ValidationError as error:
        message = validation_message(error)
    except LakeError as error:
        message = str(error)
    except READ_FAILURES as error:
        message = unreadable(error)
    else:
        return
    typer.echo(f"lake: {message}", err=True)
    raise SystemExit(1)


if __name__ == "__main__":
    outlive_readers()
    main()
