"""`kraken-lake tables sync --every`: keeps tables up to date until it is stopped."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Final

import typer

from lake.errors import CatalogUnavailable, LakeBusy, LakeMissing, LakeUnwritable
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.tables.follow import LOOK_EVERY, Pace
from lake.tables.sync import Synced, sync
from lake.tables.table import LakeTable
from runtime.shutdown import StopRequest

__all__ = ["keep_all_in_sync"]

_REPORT_EVERY: Final = 300.0
"""Seconds between two lines about what was done."""


def keep_all_in_sync(
    layout: LakeLayout, tables: Sequence[LakeTable], every: float, retention: timedelta
) -> None:
    """Bring tables up to date every so many seconds until SIGTERM or Ctrl-C.

    Each has a thread: a catalog that does not answer for a minute holds up its own table only. And
    if one table is damaged, the others are kept until the program is stopped.

    Raises:
        LakeDamaged: The commit log is unreadable.
        TableDamaged: A table is.
    """
    stop = StopRequest()
    stop.on_signals()
    with ThreadPoolExecutor(len(tables)) as threads:
        kept = [threads.submit(_keep, layout, one, every, retention, stop) for one in tables]
    for one in kept:
        one.result()
    typer.echo("Stopped.")


def _keep(
    layout: LakeLayout, table: LakeTable, every: float, retention: timedelta, stop: StopRequest
) -> None:
    name = table.format.value
    try:
        _keep_in_sync(layout, table, every, retention, stop)
    except Exception as error:
        typer.echo(f"lake: the {name} table is not kept any more: {error}", err=True)
        raise


def _keep_in_sync(
    layout: LakeLayout, table: LakeTable, every: float, retention: timedelta, stop: StopRequest
) -> None:
    """Bring one table up to date again and again.

    A round in which another process is at work on the table, its catalog does not answer, or the
    storage refuses a write, is tried again later; the reason is printed once. A lake that is not
    there yet is waited for.
    """
    typer.echo(f"Keeping the {table.format.value} table in {layout.base} up to date.")
    pace, sums, trouble = Pace(CommitLog(layout.commits), every), _Sums(table), ""
    while not stop.made():
        try:
            if pace.is_due():
                done = sync(layout, table, datetime.now(UTC) - retention)
                position = table.position()
                pace.synced(position.commit if position else 0)
                sums.add(done)
            trouble = ""
        except (LakeBusy, LakeMissing, LakeUnwritable, CatalogUnavailable) as error:
            kind = type(error).__name__
            if trouble != kind:
                typer.echo(f"lake: {error} Trying again every {every:g} seconds.", err=True)
            trouble = kind
            stop.wait(every - LOOK_EVERY)
        sums.print_if_due(_REPORT_EVERY)
        stop.wait(LOOK_EVERY)
    sums.print_if_due(0.0)


class _Sums:
    """What was done since the last line."""

    def __init__(self, table: LakeTable) -> None:
        self._name = table.format.value
        self._since = time.monotonic()
        self._versions = self._added = self._removed = 0

    def add(self, done: Synced | None) -> None:
        if done is not None:
            self._versions += 1
            self._added += done.added
            self._removed += done.removed

    def print_if_due(self, after: float) -> None:
        elapsed = time.monotonic() - self._since
        if self._versions and elapsed >= after:
            typer.echo(
                f"{self._name}: {self._versions} versions in {elapsed:.0f} s: {self._added} files "
                f"added, {self._removed} removed."
            )
            self._since = time.monotonic()
            self._versions = self._added = self._removed = 0
