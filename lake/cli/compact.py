"""`python -m lake compact`."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from lake.errors import LakeDamaged
from lake.log.commit import Role
from lake.log.snapshot import read_snapshot, save_snapshot
from lake.settings import LakeSettings
from lake.write.compaction import Compacted, Compaction
from lake.write.writer import LakeWriter

__all__ = ["compact_command"]


def compact_command(
    older_than: Annotated[
        str, typer.Option(help="Only hours that ended this long ago: 90 minutes, 2 hours, 1 day.")
    ] = "1 hour",
) -> None:
    """Merge the files of each closed hour and symbol into one sorted file."""
    settings = LakeSettings()
    layout, compression = settings.layout, settings.parquet_compression
    closed_by = datetime.now(UTC) - _duration(older_than)
    done: list[Compacted] = []
    damaged = 0
    with LakeWriter.open(
        layout, run_id=secrets.token_hex(4), role=Role.MAINTENANCE, compression=compression
    ) as writer:
        compaction = Compaction(layout, writer, compression)
        for outcome in compaction.run(read_snapshot(layout), closed_by):
            if isinstance(outcome, LakeDamaged):
                damaged += 1
                typer.echo(f"lake: {outcome}", err=True)
            else:
                done.append(outcome)
                typer.echo(_line(outcome))
        save_snapshot(layout, read_snapshot(layout))
    typer.echo(_summary(done))
    raise typer.Exit(1 if damaged else 0)


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"(\d+) ?(minute|hour|day)s?", text.strip())
    if match is None:
        raise typer.BadParameter(f"{text!r} is no duration such as 90 minutes, 2 hours or 1 day")
    return timedelta(**{f"{match[2]}s": int(match[1])})


def _line(one: Compacted) -> str:
    sizes = f"{one.bytes_before:,} bytes -> {one.bytes_after:,}"
    return f"{one.folder}: {one.trades} trades, {one.files} files -> 1, {sizes}"


def _summary(done: list[Compacted]) -> str:
    if not done:
        return "No closed hour has more than one file."
    return (
        f"{len(done)} folders: {sum(one.files for one in done)} files -> {len(done)}, "
        f"{sum(one.bytes_before for one in done):,} bytes -> "
        f"{sum(one.bytes_after for one in done):,}."
    )
