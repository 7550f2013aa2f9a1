"""`python -m console.report`: writes the lake's tables and charts to one HTML file."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import ValidationError

from console.app import build_site
from console.errors import ConsoleError
from console.report.asking import ask_services
from console.report.daily import daily_path, make_folder, remove_old
from console.report.page import report_html
from console.web.values import size
from lake.errors import LakeError
from lake.read.failures import READ_FAILURES, unreadable
from lake.settings import LakeSettings
from lake.storage.operations import replace
from runtime.output import outlive_readers
from runtime.settings import KafkaSettings, RegistrySettings, validation_message

__all__ = ["app", "main"]

_NICE: Final = 10
"""How far the report steps back behind the stream when the processor is busy."""

app = typer.Typer(add_completion=False)


@app.command()
def report(
    file: Annotated[Path | None, typer.Argument(help="The file to write.")] = None,
    *,
    daily: Annotated[
        bool,
        typer.Option(
            "--daily", help="Write today's file beside the commit log, and keep the newest 30."
        ),
    ] = False,
    pairs: Annotated[
        list[str] | None, typer.Option("--pair", help="Only this pair: BTC/USD. Repeatable.")
    ] = None,
) -> None:
    """Write the tables and charts of `kraken-lake console` to one HTML file."""
    if (file is None) != daily:
        raise typer.BadParameter("name a FILE, or give --daily, which names it by the day")
    layout, now = LakeSettings().layout, datetime.now(UTC)
    if file is not None:
        _require_place(file)
    os.nice(_NICE)
    site = build_site(layout, KafkaSettings(), RegistrySettings())
    site.view.index.refresh()
    site.view.require_lake()
    html = report_html(ask_services(site), now, pairs or ()).encode()
    if file is None:
        make_folder(layout)
    path = file or daily_path(layout, now.date())
    replace(path, html)
    typer.echo(f"{path}: commit {site.view.index.number}, {size(len(html))}")
    if daily:
        for old in remove_old(layout):
            typer.echo(f"{old}: removed")


def _require_place(file: Path) -> None:
    """Refuse a file that cannot be written, before the work."""
    if file.is_dir():
        raise typer.BadParameter(f"{file} is a folder: name a file in it, such as {file}/lake.html")
    if not file.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {file.parent}: create it, or name another")


def main(command: Callable[[], object] = app) -> None:
    """Run the command; print a failure as a message, without a traceback."""
    try:
        command()
    except ValidationError as error:
        message = validation_message(error)
    except (ConsoleError, LakeError) as error:
        message = str(error)
    except READ_FAILURES as error:
        message = unreadable(error)
    else:
        return
    typer.echo(f"console.report: {message}", err=True)
    raise SystemExit(1)


if __name__ == "__main__":
    outlive_readers()
    main()
