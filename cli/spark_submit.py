"""Start the stream with spark-submit, which finds the same jars and settings as by hand."""

import functools
import inspect
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import typer

__all__ = ["submit"]

_EPILOG: Final = (
    "Arguments after -- go to spark-submit: "
    "kraken-lake stream --once -- --master local[2] --driver-memory 2g"
)


def submit(main: Callable[..., None], arguments: list[str], prog_name: str) -> None:
    """Become `spark-submit [SPARK ARGUMENTS] FILE [ARGUMENTS]`, FILE being where `main` is.

    The options of `main` are read first: help and mistakes need no JVM.

    Args:
        main: The command that the file runs.
        arguments: The arguments of `main`; after `--`, those of spark-submit.
        prog_name: The name that the help shows.
    """
    own, spark = _split(arguments)
    app = typer.Typer(add_completion=False)

    @app.command(epilog=_EPILOG)
    @functools.wraps(main)
    def start(**_options: object) -> None:
        program = _spark_submit()
        # The Python that spark-submit runs the file with, unless Spark's settings name another.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.execv(program, [program, *spark, inspect.getfile(main), *own])  # noqa: S606 - no shell

    app(own, prog_name=prog_name)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Split at the first `--`: what is before it, and what is after it."""
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def _spark_submit() -> str:
    """Find spark-submit: the one of this environment, else the first on PATH."""
    beside = Path(sys.executable).with_name("spark-submit")
    found = shutil.which(beside) or shutil.which("spark-submit")
    if found is None:
        typer.echo(
            f"kraken-lake: stream needs spark-submit, which is neither in {beside.parent} nor on "
            "PATH; install kraken-lake[spark]",
            err=True,
        )
        raise typer.Exit(1)
    return found
