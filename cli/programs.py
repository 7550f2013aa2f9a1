"""Start each program. It is imported only then, so that `kraken-lake --help` imports none.

Options, help, messages and exit statuses are the program's own.
"""

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import typer

__all__ = [
    "Run",
    "backfill",
    "console",
    "embedded",
    "fake_kraken",
    "lake_command",
    "local_command",
    "monitor",
    "producer_command",
    "record",
    "schemas",
    "stream",
]

Run = Callable[[list[str]], object]
"""Runs a program with these arguments, and ends with its exit status."""

_NAME: Final = "kraken-lake"


def record(name: str) -> Run:
    """`python -m producer` without a command."""
    from producer.__main__ import main
    from producer.__main__ import record as function

    app = _app_of(function)
    return lambda arguments: main(lambda: app(arguments, prog_name=f"{_NAME} {name}"))


def producer_command(name: str) -> Run:
    """`python -m producer NAME`."""
    from producer.__main__ import app, main

    return lambda arguments: main(lambda: app([name, *arguments], prog_name=_NAME))


def backfill(name: str) -> Run:
    """`python -m producer backfill`; says before whether the lake here has retired such trades."""
    program = producer_command(name)

    def run(arguments: list[str]) -> None:
        if find_spec("duckdb") and find_spec("pyarrow"):  # Without them there is no lake here.
            from cli.retired_note import retired_note

            if "--help" not in arguments and (note := retired_note(arguments)):
                typer.echo(f"{_NAME}: {note}", err=True)
        program(arguments)

    return run


def lake_command(name: str) -> Run:
    """`python -m lake NAME`."""
    from lake.__main__ import app, main

    return lambda arguments: main(lambda: app([name, *arguments], prog_name=_NAME))


def console(name: str) -> Run:
    """`python -m console`."""
    from console.__main__ import app, main

    return lambda arguments: main(lambda: app(arguments, prog_name=f"{_NAME} {name}"))


def schemas(name: str) -> Run:
    """`python -m schemas`."""
    from schemas.__main__ import app

    return lambda arguments: app(arguments, prog_name=f"{_NAME} {name}")


def stream(name: str) -> Run:
    """`spark-submit spark_consumer/main.py`."""
    from cli.spark_submit import submit
    from spark_consumer.main import main

    return lambda arguments: submit(main, arguments, prog_name=f"{_NAME} {name}")


def local_command(name: str) -> Run:
    """`python -m infra.local NAME`."""
    import infra
    from infra.local.__main__ import app, main

    def run(arguments: list[str]) -> None:
        # It starts programs that read `.env` from the project's folder and keep the lake there.
        os.chdir(Path(infra.__path__[0]).parent)
        main(lambda: app([name, *arguments], prog_name=_NAME))

    return run


def embedded(name: str) -> Run:
    """`python -m infra.embedded`."""
    from infra.embedded.__main__ import main

    app = _app_of(main)
    return lambda arguments: app(arguments, prog_name=f"{_NAME} {name}")


def fake_kraken(name: str) -> Run:
    """`python -m infra.fake_kraken`."""
    from infra.fake_kraken.__main__ import main

    app = _app_of(main)
    return lambda arguments: app(arguments, prog_name=f"{_NAME} {name}")


def monitor(name: str) -> Run:
    """`python -m infra.monitor`."""
    from infra.monitor.__main__ import app, main

    return lambda arguments: main(lambda: app(arguments, prog_name=f"{_NAME} {name}"))


def _app_of(function: Callable[..., object]) -> typer.Typer:
    """Make a program with this command alone."""
    app = typer.Typer(add_completion=False)
    app.command()(function)
    return app
