"""A compactor to be killed: runs `python -m lake compact` repeatedly while a writer lands.

`--kill-at` is the lander's; without it, and without `--passes`, it works until it is killed.
"""

import argparse
import os
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from lander import kill_at

from lake.layout import LakeLayout
from lake.log.commit import Role
from lake.log.snapshot import read_snapshot, save_snapshot
from lake.write.compaction import Compacted, Compaction
from lake.write.writer import LakeWriter


def main() -> None:
    """Compact the lake a number of times, or until killed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("lake", type=Path)
    arguments.add_argument("--passes", type=int, default=0)
    arguments.add_argument("--kill-at", default="")
    given = arguments.parse_args()
    if given.kill_at:
        kill_at(given.kill_at, linger=0.3)
    layout = LakeLayout(given.lake.absolute(), "KRAKEN")
    for number in range(given.passes) if given.passes else count():
        run_id = f"{os.getpid()}-{number}"
        with LakeWriter.open(layout, run_id=run_id, role=Role.MAINTENANCE) as writer:
            compaction = Compaction(layout, writer, "zstd")
            # Also the hours that the other one is at work on: they are all long past.
            for outcome in compaction.run(read_snapshot(layout), datetime.now(UTC)):
                if not isinstance(outcome, Compacted):
                    raise outcome
            save_snapshot(layout, read_snapshot(layout))


if __name__ == "__main__":
    main()
