"""`python -m lake compact --open-hours --every`: round after round, until it is stopped."""

import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import typer

from lake.errors import LakeBusy, LakeDamaged, LakeUnwritable
from lake.write.open_hours import OpenHoursMerger
from runtime.shutdown import StopRequest

__all__ = ["follow"]

_REPORT_EVERY: Final = 300.0
"""Seconds between two lines about what was merged."""

_PAUSE_AT_LEAST: Final = 0.5
"""Seconds for which the role is free after each round. Who waits for it looks every 0.2 s."""


def follow(merger: OpenHoursMerger, every: float) -> None:
    """Merge every so many seconds until SIGTERM or Ctrl-C, which end it after the current merge.

    A round in which another process has the role, or the storage refuses a write, is tried again
    later; the reason is printed once.

    Raises:
        LakeDamaged: The commit log is unreadable.
    """
    stop = StopRequest()
    stop.on_signals()
    typer.echo(f"Merging small files of open hours every {every:g} seconds.")
    sums, trouble = _Sums(), ""
    while not stop.made():
        began = time.monotonic()
        try:
            with closing(merger.round(datetime.now(UTC))) as outcomes:
                for outcome in outcomes:
                    if isinstance(outcome, LakeDamaged):
                        typer.echo(f"lake: {outcome}", err=True)
                    else:
                        sums.add(outcome.files, outcome.trades)
                    if stop.made():
                        break
            trouble = ""
        except (LakeBusy, LakeUnwritable) as error:
            # The pid of the one who has the role may change; one line is enough.
            kind = type(error).__name__
            if trouble != kind:
                typer.echo(f"lake: {error} Trying again every {every:g} seconds.", err=True)
            trouble = kind
        sums.print_if_due(_REPORT_EVERY)
        stop.wait(max(_PAUSE_AT_LEAST, began + every - time.monotonic()))
    sums.print_if_due(0.0)
    typer.echo("Stopped.")


@dataclass
class _Sums:
    """What was merged since the last line."""

    merges: int = 0
    files: int = 0
    trades: int = 0
    since: float = field(default_factory=time.monotonic)

    def add(self, files: int, trades: int) -> None:
        self.merges += 1
        self.files += files
        self.trades += trades

    def print_if_due(self, after: float) -> None:
        elapsed = time.monotonic() - self.since
        if self.merges and elapsed >= after:
            typer.echo(
                f"{self.merges} merges in {elapsed:.0f} s: {self.files} files -> {self.merges}, "
                f"{self.trades} rows written."
            )
            self.merges = self.files = self.trades = 0
            self.since = time.monotonic()
