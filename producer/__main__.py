"""`kraken-lake record`: record Kraken's trades in Kafka."""

import sys
from collections.abc import Callable
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.table import Table

from producer.cli import (
    candles_table,
    dead_letters_table,
    gaps_table,
    holes_table,
    offsets_table,
    pairs_table,
    trade_ids,
)
from producer.cli.accept_new_book import accept_new_book
from producer.cli.backfill import fetch_the_past
from producer.cli.candle_answers import all_candles, answers_by_pair
from producer.cli.dead_letters import dead_letters
from producer.cli.inquiries import confirmed_holes, open_gaps, parked_pairs
from producer.cli.listing import as_json
from producer.cli.record import record_trades
from producer.errors import ProducerError
from producer.model.time_range import TimeRange
from producer.model.venue_errors import VenueError
from producer.settings import ProducerSettings, Settings
from runtime.clock import utc_now
from runtime.errors import BrokerError
from runtime.logs import configure_logging
from runtime.output import outlive_readers
from runtime.settings import KafkaSettings, RegistrySettings, validation_message
from runtime.shutdown import StopRequest
from runtime.tables import open_console
from runtime.topic_state import read_topic_state
from schemas.errors import SchemasError
from schemas.registry.client import Registry

__all__ = ["app", "main", "record"]

app = typer.Typer(add_completion=False)

UntilCaughtUp = Annotated[
    bool, typer.Option("--until-caught-up", help="End when Kraken has no more, not on a signal.")
]
Pairs = Annotated[
    list[str], typer.Option("--pair", help="One pair, or several with commas; else KRAKEN_PAIR.")
]
From = Annotated[
    str, typer.Option("--from", help="A time such as 2026-01-30T18:00:00Z, or beginning.")
]
To = Annotated[str | None, typer.Option("--to", help="A time, not included; else now.")]
Pair = Annotated[str, typer.Option("--pair", help="One of those in KRAKEN_PAIR.")]
As = Annotated[str, typer.Option("--as", help="The symbol of the new book, such as LUNA2/USD.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback(invoke_without_command=True)
def record(context: typer.Context, *, until_caught_up: UntilCaughtUp = False) -> None:
    """Record the trades of KRAKEN_PAIR in Kafka until SIGTERM or Ctrl-C."""
    if context.invoked_subcommand is None:
        settings, stop = _begin()
        record_trades(settings, stop, until_caught_up=until_caught_up)
        if until_caught_up and stop.made():
            raise typer.Exit(1)


@app.command()
def backfill(start: From, end: To = None, pair: Pairs = []) -> None:  # noqa: B006  typer copies it
    """Record the trades of a time span, beside live recording.

    If it is stopped or killed, the same command continues where it was. Exit status 0 means that
    the whole span is recorded.
    """
    span = TimeRange.read(start, end, utc_now())
    settings, stop = _begin()
    if not fetch_the_past(settings, stop, ",".join(pair), span):
        typer.echo("stopped; the same command continues from here", err=True)
        raise typer.Exit(1)  # A script that waits for the backfill must not take it for complete.


@app.command("accept-new-book")
def accept(pair: Pair, label: As) -> None:
    """Record a relisted market, whose ids start again at 1, under a symbol of its own."""
    settings, stop = _begin()
    said = accept_new_book(settings, stop, pair, label)
    if said is None:
        typer.echo("stopped; nothing was accepted", err=True)
        raise typer.Exit(1)
    typer.echo(said)


@app.command()
def holes(*, json: Json = False) -> None:
    """Show the trade ids that Kraken confirmed it does not have."""
    settings = Settings.read()
    found = confirmed_holes(settings)
    _show(as_json(found) if json else holes_table.as_table(found))
    if note := pairs_table.as_note(parked_pairs(settings)):
        typer.echo(note, err=True)


@app.command()
def pairs(*, json: Json = False) -> None:
    """Show the pairs that cannot be recorded for now, and why. An empty table is good news."""
    found = parked_pairs(Settings.read())
    _show(as_json(found) if json else pairs_table.as_table(found))


@app.command()
def gaps(*, json: Json = False) -> None:
    """Show the missing trade ids that Kraken is still asked for."""
    found = open_gaps(Settings.read())
    _show(as_json(found) if json else gaps_table.as_table(found))


@app.command()
def candles(
    *,
    pair: Pairs = [],  # noqa: B006  typer copies it
    json: Json = False,
    by_pair: Annotated[
        bool,
        typer.Option("--by-pair", help="Print JSON: each pair's candles, or why it has none."),
    ] = False,
) -> None:
    """Show Kraken's own candles of the last twelve hours, one per minute.

    A pair without candles is an error, except with --by-pair.
    """
    settings = ProducerSettings()
    configure_logging(settings.log_format, settings.log_level)
    if by_pair:
        typer.echo(candles_table.as_json_by_pair(answers_by_pair(settings, ",".join(pair))))
        return
    found = all_candles(settings, ",".join(pair))
    _show(candles_table.as_json(found) if json else candles_table.as_table(found))


@app.command("dead-letters")
def dead_letters_command(*, json: Json = False) -> None:
    """Show the rows from Kraken that are no valid trade, with their ids."""
    found = dead_letters(Settings.read())
    _show(dead_letters_table.as_json(found) if json else dead_letters_table.as_table(found))


@app.command()
def decode() -> None:
    """Print, as JSON, which trade each value from stdin holds: one value per line, in hex."""
    values = [bytes.fromhex(line) for line in sys.stdin]
    typer.echo(trade_ids.as_json(trade_ids.trade_ids(values, Registry(RegistrySettings()))))


@app.command()
def offsets(*, json: Json = False) -> None:
    """Show which topic KAFKA_TOPIC is, and which offsets it holds."""
    found = read_topic_state(KafkaSettings())
    _show(offsets_table.as_json(found) if json else offsets_table.as_table(found))


def _show(found: str | Table) -> None:
    """Print JSON as it is, and a table for people."""
    typer.echo(found) if isinstance(found, str) else open_console().print(found)


def _begin() -> tuple[Settings, StopRequest]:
    settings, stop = Settings.read(), StopRequest()
    configure_logging(settings.producer.log_format, settings.producer.log_level)
    stop.on_signals()
    return settings, stop


def main(command: Callable[[], object] = app) -> None:
    """Run a command; on failure print a message, not a traceback."""
    try:
        command()
    except ValidationError as error:
        sys.exit(f"producer: {validation_message(error)}")
    except (ProducerError, VenueError, SchemasError, BrokerError) as error:
        sys.exit(f"producer: {error}")


if __name__ == "__main__":
    outlive_readers()
    main()
