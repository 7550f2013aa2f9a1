"""Start each program. It is imported only then, so that `kraken-lake --help` imports none.

Options, help, messages and exit statuses are the program's own.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import typer

__all__ = [
    "Run",
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


def lake_command(name: str) -> Run:
    """`python -m lake NAME`."""
    from lake.__main__ import app, main

    return lambda arguments: main(lambda: app([name, *arguments], prog_name=_NAME))


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
