"""A program to be killed that keeps a table of a lake up to date beside its writers.

`--kill-at` is the lander's; without it, it works until it is killed. It sums up or drops versions
after every third one, as soon as it may. With `--rebuild` it writes the table anew each time.
"""

import argparse
import importlib
import time
from datetime import UTC, datetime
from pathlib import Path

from lander import kill_at

import lake.tables.delta.table
from lake.errors import LakeBusy, LakeMissing
from lake.layout import LakeLayout
from lake.tables.formats import table_of
from lake.tables.sync import rebuild, sync
from lake.tables.table import TableFormat


def main() -> None:
    """Sync until killed, or once."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("lake", type=Path)
    arguments.add_argument("--format", type=TableFormat, default=TableFormat.DELTA)
    arguments.add_argument("--once", action="store_true")
    arguments.add_argument("--rebuild", action="store_true")
    arguments.add_argument("--kill-at", default="")
    given = arguments.parse_args()
    if given.kill_at:
        kill_at(given.kill_at)
    lake.tables.delta.table.CHECKPOINT_INTERVAL = 3
    if given.format is TableFormat.ICEBERG:
        expire_early()
    layout = LakeLayout(given.lake.absolute(), "KRAKEN")
    table = table_of(layout, given.format, "")
    while True:
        try:
            (rebuild if given.rebuild else sync)(layout, table, datetime.now(UTC))
        except (LakeBusy, LakeMissing):
            continue
        if given.once:
            return
        time.sleep(0.02)


def expire_early() -> None:
    """Keep three snapshots; the packages take a second to import, which Delta need not wait for."""
    expiry = importlib.import_module("lake.tables.iceberg.expiry")
    table = importlib.import_module("lake.tables.iceberg.table")
    expiry.NEWEST = table.EXPIRED_AT_ONCE = 3  # type: ignore[attr-defined]
    table._SCRAPS_AFTER = 5.0  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
