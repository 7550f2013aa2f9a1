"""`kraken-lake compact`."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, NoReturn

import typer

from lake.cli.durations import duration
from lake.cli.follow import follow
from lake.errors import LakeDamaged
from lake.layout import LakeLayout
from lake.log.commit import Role
from lake.log.existence import refuse_missing
from lake.log.folding import Folded, fold
from lake.log.snapshot import read_snapshot, save_snapshot
from lake.settings import LakeSettings
from lake.storage.object_path import on_disk
from lake.write.compaction import Compacted, Compaction
from lake.write.open_hours import OpenHoursMerger
from lake.write.writer import LakeWriter

__all__ = ["compact_command"]


def compact_command(
    *,
    older_than: Annotated[
        str, typer.Option(help="Only hours that ended this long ago: 90 minutes, 2 hours, 1 day.")
    ] = "1 hour",
    open_hours: Annotated[
        bool,
        typer.Option("--open-hours", help="Merge small files of all later hours instead."),
    ] = False,
    every: Annotated[
        str | None,
        typer.Option(
            help="With --open-hours: again and again until SIGTERM or Ctrl-C, such as 10 seconds."
        ),
    ] = None,
) -> None:
    """Merge the files of each closed hour and symbol into one sorted file, then fold the log."""
    closed_after = duration(older_than)
    settings = LakeSettings()
    if every is None:
        refuse_missing(settings.layout)
    if not open_hours:
        if every is not None:
            raise typer.BadParameter(
                "--every needs --open-hours: one call compacts all hours that are closed"
            )
        _report(_closed_hours(settings, closed_after), "No closed hour has more than one file.")
    if every is not None:
        # Each round would fence a compaction that is at work: there is no lock to wait for.
        on_disk(settings.layout.base, "Merging open hours again and again")
    merger = OpenHoursMerger(settings.layout, settings.parquet_compression, closed_after)
    if every is None:
        _report(merger.round(datetime.now(UTC)), "No open hour has too many files.")
    interval = duration(every or "")
    if not interval:
        raise typer.BadParameter("--every has to be at least 1 second")
    follow(merger, interval.total_seconds())


def _closed_hours(
    settings: LakeSettings, closed_after: timedelta
) -> Iterator[Compacted | LakeDamaged]:
    layout, compression = settings.layout, settings.parquet_compression
    closed_by = datetime.now(UTC) - closed_after
    with LakeWriter.open(
        layout, run_id=secrets.token_hex(4), role=Role.MAINTENANCE, compression=compression
    ) as writer:
        # The files of a later commit may not be in place yet.
        snapshot = read_snapshot(layout, at=writer.state.number)
        yield from Compaction(layout, writer, compression).run(snapshot, closed_by)
        folded = _fold(layout, writer, timedelta(hours=settings.log_retention_hours))
    if folded is not None and folded.removed:
        typer.echo(
            f"The log is folded up to commit {folded.folded}: {folded.removed} files of commits "
            "removed."
        )


def _report(outcomes: Iterator[Compacted | LakeDamaged], nothing: str) -> NoReturn:
    """Print each result and their sum, and end with status 1 if files are damaged."""
    done: list[Compacted] = []
    damaged = False
    for outcome in outcomes:
        if isinstance(outcome, LakeDamaged):
            damaged = True
            typer.echo(f"lake: {outcome}", err=True)
        else:
            done.append(outcome)
            typer.echo(_line(outcome))
    typer.echo(_summary(done) if done else nothing)
    if damaged:
        typer.echo("lake: run `kraken-lake verify`: it says what to do about each", err=True)
    raise typer.Exit(1 if damaged else 0)


def _fold(layout: LakeLayout, writer: LakeWriter, retention: timedelta) -> Folded | None:
    """Fold the log. One that has lost commits is left as it is: `verify` fails and names them."""
    try:
        return fold(layout, writer.settle(), datetime.now(UTC) - retention)
    except LakeDamaged as error:
        typer.echo(f"lake: {error}", err=True)
        save_snapshot(layout, read_snapshot(layout))
        return None


def _line(one: Compacted) -> str:
    sizes = f"{one.bytes_before:,} bytes -> {one.bytes_after:,}"
    return f"{one.folder}: {one.trades} trades, {one.files} files -> 1, {sizes}"


def _summary(done: list[Compacted]) -> str:
    return (
        f"{len(done)} folders: {sum(one.files for one in done)} files -> {len(done)}, "
        f"{sum(one.bytes_before for one in done):,} bytes -> "
        f"{sum(one.bytes_after for one in done):,}."
    )
