"""`kraken-lake reread`: land a range of commits from Kafka again, each trade once."""

import subprocess
import sys
from importlib.util import find_spec
from typing import Annotated

import typer

__all__ = ["reread_command"]


def reread_command(
    *,
    from_commit: Annotated[
        int, typer.Option(min=1, help="The first commit; `verify` shows which to name.")
    ],
    to_commit: Annotated[
        int | None, typer.Option(min=1, help="The last commit; if omitted, only the first is read.")
    ] = None,
) -> None:
    """Read the records of some commits from Kafka again; replace their files with complete ones."""
    if find_spec("pyspark") is None:
        typer.echo("lake: rereading decodes with Spark; install kraken-lake[spark]", err=True)
        raise typer.Exit(1)
    # A separate program, since this package imports neither Spark nor the registry client.
    numbers = (str(from_commit), str(to_commit or from_commit))
    command = (sys.executable, "-m", "spark_consumer.reread", *numbers)
    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own
