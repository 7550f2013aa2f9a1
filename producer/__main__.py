"""`python -m producer`: records Kraken's trades in Kafka."""

import sys
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from producer.bootstrap import confirmed_holes, fetch_the_past, record_trades
from producer.errors import ProducerError
from producer.holes_table import as_json, as_table
from producer.kraken.client import utc_now
from producer.kraken.errors import KrakenError
from producer.logs import configure_logs
from producer.settings import Settings
from producer.span import Span
from producer.stopping import StopRequest
from schemas.errors import SchemasError
from schemas.settings import told

app = typer.Typer(add_completion=False)

UntilCaughtUp = Annotated[
    bool, typer.Option("--until-caught-up", help="End when Kraken has no more, not on a signal.")
]
Pairs = Annotated[
    list[str], typer.Option("--pair", help="One, or several with commas; else KRAKEN_PAIR.")
]
From = Annotated[str, typer.Option("--from", help="A time as 2026-01-30T18:00:00Z, or beginning.")]
To = Annotated[str | None, typer.Option("--to", help="Such a time, not included; else now.")]
Json = Annotated[bool, typer.Option("--json", help="A JSON array, for a machine.")]


@app.callback(invoke_without_command=True)
def record(context: typer.Context, *, until_caught_up: UntilCaughtUp = False) -> None:
    """Record the trades of KRAKEN_PAIR in Kafka until SIGTERM or Ctrl-C."""
    if context.invoked_subcommand is None:
        settings, stop = _begin()
        record_trades(settings, stop, until_caught_up=until_caught_up)


@app.command()
def backfill(start: From, end: To = None, pair: Pairs = []) -> None:  # noqa: B006  typer copies it
    """Record the trades of a time span, beside live recording.

    Stopped or killed, the same command goes on where it was.
    """
    span = Span.read(start, end, utc_now())
    settings, stop = _begin()
    if not fetch_the_past(settings, stop, ",".join(pair), span):
        typer.echo("stopped; the same command goes on from here", err=True)


@app.command()
def holes(*, json: Json = False) -> None:
    """Show the trade ids that Kraken confirmed it does not have."""
    found = confirmed_holes(Settings.read())
    typer.echo(as_json(found)) if json else Console().print(as_table(found))


def _begin() -> tuple[Settings, StopRequest]:
    settings, stop = Settings.read(), StopRequest()
    configure_logs(settings.producer.log_format, settings.producer.log_level)
    stop.on_signals()
    return settings, stop


if __name__ == "__main__":
    try:
        app()
    except ValidationError as error:
        sys.exit(f"producer: {told(error)}")
    except (ProducerError, KrakenError, SchemasError) as error:
        sys.exit(f"producer: {error}")
