"""`python -m infra.embedded`: run the stack until Ctrl-C or SIGTERM."""

import signal
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from infra.embedded import EmbeddedStack
from infra.embedded.errors import EmbeddedError
from infra.jars.installation import DEFAULT_FOLDER as JARS
from infra.java import JavaError
from runtime.output import outlive_readers

__all__ = ["main"]

STATE: Final = JARS.parent / ".state" / "embedded"

StateOption = Annotated[
    Path, typer.Option("--state", help="The folder that keeps the cluster and its schemas.")
]
JarsOption = Annotated[
    Path, typer.Option("--jars", help="The folder that `python -m infra.jars` filled.")
]


def main(state: StateOption = STATE, jars: JarsOption = JARS) -> None:
    """Run a Kafka broker and a schema registry on loopback until Ctrl-C or SIGTERM."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    try:
        _run_until_interrupted(EmbeddedStack(state, jars))
    except KeyboardInterrupt:
        typer.echo("# Stopped.")
    except (EmbeddedError, JavaError, OSError) as error:
        typer.echo(f"infra.embedded: {error}", err=True)
        raise typer.Exit(1) from error


def _run_until_interrupted(stack: EmbeddedStack) -> None:
    began = time.monotonic()
    typer.echo("# Starting a Kafka broker and a schema registry...")
    with stack:
        typer.echo(f"# Up in {time.monotonic() - began:.1f} s. Logs: {stack.logs}")
        for name, value in stack.env().items():
            typer.echo(f"export {name}={value}")
        typer.echo("# Ctrl-C ends both.")
        while True:
            stack.check()
            time.sleep(0.5)


if __name__ == "__main__":
    outlive_readers()
    typer.run(main)
