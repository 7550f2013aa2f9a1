"""`kraken-lake tables sync | status | version`."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import typer

from lake.cli.durations import duration
from lake.cli.follow_tables import keep_all_in_sync
from lake.errors import CatalogUnavailable, LakeBusy, LakeMissing, TableDamaged
from lake.log.commit_log import CommitLog
from lake.settings import LakeSettings
from lake.tables.formats import formats_in, table_of
from lake.tables.lag import TableLag, lag_of
from lake.tables.sync import Synced, rebuild, sync
from lake.tables.table import LakeTable, TableFormat
from runtime.tables import PlainTable, open_console

__all__ = ["app"]

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Tables of open formats over the lake's own files.")
FormatOption = Annotated[TableFormat, typer.Option("--format", help="The table's format.")]
FormatsOption = Annotated[
    str | None,
    typer.Option("--format", help="delta, iceberg, or delta,iceberg; TABLE_FORMATS if not given."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="For a machine to read.")]


@app.command("sync")
def sync_command(
    *,
    table_formats: FormatsOption = None,
    every: Annotated[
        str | None,
        typer.Option(
            help="Keep it up to date until SIGTERM or Ctrl-C: 10 seconds. Files that were merged "
            "are replaced in the table at once."
        ),
    ] = None,
    anew: Annotated[
        bool,
        typer.Option("--rebuild", help="Replace a table that is damaged; no data file is touched."),
    ] = False,
) -> None:
    """Bring the table to the lake's newest commit; make it if there is none."""
    settings = LakeSettings()
    interval = None if every is None else duration(every)
    if interval is not None and not interval:
        raise typer.BadParameter("--every has to be at least 1 second")
    layout, tables = settings.layout, _tables(settings, table_formats)
    retention = timedelta(hours=settings.log_retention_hours)
    write = rebuild if anew else sync

    def bring_up_to_date(table: LakeTable) -> None:
        began = time.monotonic()
        _report(table, write(layout, table, datetime.now(UTC) - retention), began)

    if (anew or interval is None) and len(_each(tables, bring_up_to_date)) < len(tables):
        raise typer.Exit(1)
    if interval is not None:
        keep_all_in_sync(layout, tables, interval.total_seconds(), retention)


@app.command("status")
def status_command(*, table_formats: FormatsOption = None, as_json: JsonOption = False) -> None:
    """Show how far the table is behind the lake; exit status 1 if there is none.

    With --json, a line for each format that can be read.
    """
    settings = LakeSettings()
    log = CommitLog(settings.layout.commits)
    tables, newest = _tables(settings, table_formats), log.state().number
    lags = _each(tables, lambda table: lag_of(table, log, newest, datetime.now(UTC)))
    if as_json:
        for table_format, lag in lags.items():
            typer.echo(json.dumps({"format": table_format.value, **_plain(lag)}))
    else:
        _show(lags)
    are_there = len(lags) == len(tables) and all(lag.position for lag in lags.values())
    raise typer.Exit(0 if are_there else 1)


@app.command("version")
def version_command(
    *,
    commit: Annotated[int, typer.Option("--at", min=1, help="A commit of the lake.")],
    table_format: FormatOption = TableFormat.DELTA,
) -> None:
    """Print the newest version of the table that holds no commit after this one."""
    settings = LakeSettings()
    found = table_of(settings.layout, table_format, settings.catalog_uri).version_at(commit)
    if found is None:
        raise LakeMissing(
            f"no version of the table in {settings.layout.base} that ends at commit {commit} or "
            "before is kept. `kraken-lake tables status` shows the newest; LOG_RETENTION_HOURS "
            "says how long versions are kept."
        )
    typer.echo(f"{found.version}")
    if found.commit != commit:
        typer.echo(f"It holds the commits up to {found.commit}.", err=True)


def _tables(settings: LakeSettings, named: str | None) -> list[LakeTable]:
    try:
        formats = formats_in(settings.table_formats if named is None else named)
    except ValueError as error:
        raise typer.BadParameter(
            f"{named} names no format: delta, iceberg, or delta,iceberg", param_hint="--format"
        ) from error
    return [table_of(settings.layout, one, settings.catalog_uri) for one in formats]


def _each(tables: Sequence[LakeTable], work: Callable[[LakeTable], T]) -> dict[TableFormat, T]:
    """Return the result for each table; one that fails does not keep the others from their turn."""
    done = {}
    for table in tables:
        try:
            done[table.format] = work(table)
        except (CatalogUnavailable, LakeBusy, TableDamaged) as error:
            typer.echo(f"lake: {error}", err=True)
    return done


def _report(table: LakeTable, done: Synced | None, began: float) -> None:
    name = table.format.value
    if done is None:
        typer.echo(f"The {name} table holds the lake's newest commit.")
        return
    taken = "" if done.commits is None else f" by {done.commits} commits"
    typer.echo(
        f"Version {done.position.version} of the {name} table holds the lake as of commit "
        f"{done.position.commit}{taken}: {done.added} files added, {done.removed} removed, "
        f"{time.monotonic() - began:.2f} s."
    )


def _show(lags: dict[TableFormat, TableLag]) -> None:
    shown = PlainTable("format")
    for heading in ("version", "commit", "newest commit", "commits behind", "seconds behind"):
        shown.add_column(heading, justify="right")
    for table_format, lag in lags.items():
        if lag.position is None:
            typer.echo(
                f"There is no {table_format.value} table; `kraken-lake tables sync --format "
                f"{table_format.value}` makes it."
            )
            continue
        figures = (lag.position.version, lag.position.commit, lag.newest, lag.commits)
        shown.add(table_format.value, *(f"{one}" for one in figures), f"{lag.seconds:.1f}")
    if any(lag.position for lag in lags.values()):
        open_console().print(shown)


def _plain(lag: TableLag) -> dict[str, object]:
    position = asdict(lag.position) if lag.position else {"version": None, "commit": None}
    return {
        "version": position["version"],
        "commit": position["commit"],
        "newest_commit": lag.newest,
        "commits_behind": lag.commits,
        "seconds_behind": round(lag.seconds, 3),
    }
