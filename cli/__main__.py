"""`kraken-lake COMMAND`: starts the program that the command belongs to."""

from importlib import metadata
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from cli.commands import COMMANDS, Command
from runtime.output import outlive_readers

__all__ = ["app", "main"]

app = typer.Typer(no_args_is_help=True, add_completion=False)


class _ForwardingCommand(TyperCommand):
    """A command that passes all arguments on to its program, `--help` and `--` among them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - has no public type
        """Leave the arguments as they are."""
        ctx.args = args
        return args


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it
    if wanted:
        typer.echo(f"kraken-lake {metadata.version('kraken-lake')}")
        raise typer.Exit


@app.callback()
def kraken_lake(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Record Kraken's trades, land each once in a Parquet lake, and prove it."""


def _add(command: Command) -> None:
    @app.command(
        command.name,
        cls=_ForwardingCommand,
        help=command.summary,
        rich_help_panel=command.panel,
        add_help_option=False,
    )
    def start(context: typer.Context) -> None:
        try:
            run = command.load(command.name)
        except ModuleNotFoundError as error:
            package = str(error.name).partition(".")[0]
            typer.echo(
                f"kraken-lake: {command.name} needs {package}, which is not installed; "
                f"install {command.distribution}",
                err=True,
            )
            raise typer.Exit(1) from error
        run(context.args)


for _command in COMMANDS:
    _add(_command)


def main() -> None:
    """Run a command."""
    outlive_readers()
    app(prog_name="kraken-lake")


if __name__ == "__main__":
    main()
