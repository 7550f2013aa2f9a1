"""`python -m lake report`."""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.table import Table

from lake.cli.times import TIME_FORMATS, in_utc
from lake.layout import symbol_from_folder
from lake.read.report import HourSummary, hours
from lake.read.retired_hours import RetiredBy, retired_hours, retired_trades
from lake.settings import LakeSettings
from runtime.tables import PlainTable, open_console

__all__ = ["report_command"]


def report_command(
    *,
    pairs: Annotated[
        list[str] | None, typer.Option("--pair", help="Only this pair: BTC/USD. Repeatable.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=TIME_FORMATS,
            metavar="TIME",
            help="Only hours that end after this time, UTC: 2026-01-30 or 2026-01-30T18:00:00Z.",
        ),
    ] = None,
    retired: Annotated[
        bool, typer.Option("--retired", help="Show the hours that were retired instead.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            help="Write the tables and charts of `kraken-lake console` to this file instead.",
        ),
    ] = None,
    daily: Annotated[
        bool,
        typer.Option(
            "--daily",
            help="The same, to today's file in _platform/EXCHANGE/reports; keeps the newest 30.",
        ),
    ] = False,
) -> None:
    """Count trades and show ids, volume and files per symbol and hour.

    The figures are those of the commit log: what has landed. Whether the files on disk agree with
    it is for `verify` to say.
    """
    if html is not None or daily:
        if since is not None or retired:
            raise typer.BadParameter(
                "--since and --retired are for the table: the HTML file shows the last days"
            )
        if html is not None and daily:
            raise typer.BadParameter("--daily names its file by the day: leave --html out")
        _write_html(["--daily"] if html is None else [str(html)], pairs or ())
    layout = LakeSettings().layout
    chosen, after = pairs or (), None if since is None else in_utc(since)
    if retired:
        open_console().print(_retired(retired_hours(layout, chosen, after)))
        return
    open_console().print(_in_lake(hours(layout, chosen, after)))
    if gone := retired_trades(layout):
        typer.echo(f"{gone} more trades of all pairs were retired; --retired shows their hours.")


def _in_lake(found: Iterable[HourSummary]) -> Table:
    table = PlainTable()
    for heading in ("symbol", "hour (UTC)"):
        table.add_column(heading)
    for heading in ("trades", "first id", "last id", "volume", "files"):
        table.add_column(heading, justify="right")
    for hour in found:
        table.add(
            hour.symbol,
            f"{hour.hour:%Y-%m-%d %H}h",
            f"{hour.trades}",
            f"{hour.first_id}",
            f"{hour.last_id}",
            _exact(hour.volume),
            f"{hour.files}",
        )
    return table


def _retired(found: Iterable[RetiredBy]) -> Table:
    table = PlainTable()
    for heading in ("symbol", "hour (UTC)"):
        table.add_column(heading)
    for heading in ("trades", "first id", "last id", "volume", "commit"):
        table.add_column(heading, justify="right")
    for one in found:
        hour = one.hour
        table.add(
            symbol_from_folder(hour.symbol),
            f"{hour.hour:%Y-%m-%d %H}h",
            f"{hour.trades}",
            f"{hour.first_id}",
            f"{hour.last_id}",
            "" if hour.volume is None else _exact(hour.volume),
            f"{one.commit}",
        )
    return table


def _exact(volume: Decimal) -> str:
    """Return a sum of volumes with all its decimals but zeros at the end, at least eight."""
    text = f"{volume:.10f}"
    return text[:-2] + text[-2:].rstrip("0")


def _write_html(place: list[str], pairs: Sequence[str]) -> NoReturn:
    if find_spec("starlette") is None:
        typer.echo(
            "lake: the HTML file is made by the pages; install kraken-lake[console]", err=True
        )
        raise typer.Exit(1)
    # A separate program, since this package does not know the pages, which ask Kafka.
    chosen = [argument for pair in pairs for argument in ("--pair", pair)]
    command = (sys.executable, "-m", "console.report", *place, *chosen)
    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own
