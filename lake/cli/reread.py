"""`python -m lake reread`: land a range of commits from Kafka again, each trade once."""

import subprocess
import sys
from importlib.util import find_spec
from typing import Annotated

import typer

__all__ = ["reread_command"]


def reread_command(
    *,
    from_commit: Annotated[int, typer.Option(min=1, help="As `verify` names it.")],
    to_commit: Annotated[
        int | None, typer.Option(min=1, help="The last one; the first alone if not given.")
    ] = None,
) -> None:
    """Read what some commits landed from Kafka again, and put files with all columns in place."""
    if find_spec("pyspark") is None:
        typer.echo("lake: rereading decodes with Spark; install kraken-lake[spark]", err=True)
        raise typer.Exit(1)
    # A program of its own, since this package knows neither Spark nor the registry.
    numbers = (str(from_commit), str(to_commit or from_commit))
    command = (sys.executable, "-m", "spark_consumer.reread", *numbers)
    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own
