"""Run the whole platform on this machine: once with recorded trades, or until Ctrl-C."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from infra.embedded.errors import EmbeddedError
from infra.fake_kraken import ReplayError
from infra.java import JavaError
from infra.local.demo import Store, demo
from infra.local.errors import LocalError
from infra.local.kraken import Kraken
from infra.local.run import run
from infra.object_store.errors import StoreUnavailable
from runtime.output import outlive_readers

__all__ = ["app", "main"]

_ROOT = Path(__file__).resolve().parents[2]
_JARS = _ROOT / ".jars"
_STATE = _ROOT / ".state"

app = typer.Typer(no_args_is_help=True, help=__doc__)
KrakenOption = Annotated[Kraken, typer.Option(help="The real Kraken, or a stand-in for it.")]
StoreOption = Annotated[
    Store, typer.Option(help="The lake in a folder, or in an S3 server that runs meanwhile.")
]


@app.command("demo")
def demo_command(kraken: KrakenOption = Kraken.REPLAY, store: StoreOption = Store.DISK) -> None:
    """Bring Kraken trades into a Parquet lake, end to end, and show what is in it."""
    demo(Console(), kraken, _STATE, _JARS, store)


@app.command("run")
def run_command(kraken: KrakenOption = Kraken.LIVE) -> None:
    """Run the pipeline until Ctrl-C."""
    run(Console(), kraken, _STATE, _JARS)


def main(command: Callable[[], object] = app) -> None:
    """Run a command; print a failure as a message, without a traceback."""
    try:
        command()
    except (
        LocalError,
        EmbeddedError,
        StoreUnavailable,
        ReplayError,
        JavaError,
        ValidationError,
    ) as error:
        typer.echo(f"infra.local: {error}", err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    outlive_readers()
    main()
