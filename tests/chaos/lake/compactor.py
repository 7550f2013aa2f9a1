"""A compactor to be killed: runs `python -m lake compact` repeatedly while a writer lands.

`--kill-at` is the lander's; without it, and without `--passes`, it works until it is killed. With
`--open-hours` it takes every hour for an open one, and merges where there are more than 3 files.
"""

import argparse
import os
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from lander import kill_at

import lake.write.merge_choice
from lake.layout import LakeLayout
from lake.log.commit import Role
from lake.log.folding import fold
from lake.log.snapshot import read_snapshot
from lake.write.compaction import Compacted, Compaction
from lake.write.open_hours import OpenHoursMerger
from lake.write.writer import LakeWriter

ALL_ARE_OPEN = timedelta(days=100_000)


def main() -> None:
    """Compact the lake a number of times, or until killed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("lake", type=Path)
    arguments.add_argument("--passes", type=int, default=0)
    arguments.add_argument("--kill-at", default="")
    arguments.add_argument("--open-hours", action="store_true")
    given = arguments.parse_args()
    if given.kill_at:
        kill_at(given.kill_at, linger=0.3)
    layout = LakeLayout(given.lake.absolute(), "KRAKEN")
    if given.open_hours:
        merge_open_hours(layout)
    for number in range(given.passes) if given.passes else count():
        run_id = f"{os.getpid()}-{number}"
        with LakeWriter.open(layout, run_id=run_id, role=Role.MAINTENANCE) as writer:
            compaction = Compaction(layout, writer, "zstd")
            # Also the hours that the other one is at work on: they are all long past. The files of
            # a later commit may not be in place yet.
            in_place = read_snapshot(layout, at=writer.state.number)
            for outcome in compaction.run(in_place, datetime.now(UTC)):
                if not isinstance(outcome, Compacted):
                    raise outcome
            # No commit is kept longer than it has to be.
            fold(layout, writer.settle(), datetime.now(UTC))


def merge_open_hours(layout: LakeLayout) -> None:
    """Round after round, until killed."""
    lake.write.merge_choice.MOST_FILES = 3
    merger = OpenHoursMerger(layout, "zstd", ALL_ARE_OPEN)
    while True:
        for outcome in merger.round(datetime.now(UTC)):
            if not isinstance(outcome, Compacted):
                raise outcome


if __name__ == "__main__":
    main()
