"""A retirer to be killed: compacts, verifies, retires and folds, while a writer lands.

All hours but the newest ones are retired, as soon as they are proved. `--kill-at` is the lander's;
its calls are counted from the first retirement on.
"""

import argparse
import os
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from lander import kill_at

import lake.verify.proofs
import lake.write.retirement
from lake.errors import LakeBusy, LakeMissing
from lake.id_ranges import IdRanges
from lake.layout import LakeLayout, hour_of_path
from lake.log.commit import DataFile, Role
from lake.log.folding import fold
from lake.log.snapshot import read_snapshot
from lake.verify.proofs import kept_proofs, proof_of
from lake.verify.verification import verify
from lake.verify.verified_record import read_record, record_verification
from lake.write.compaction import Compacted, Compaction
from lake.write.retirement import Retirement
from lake.write.retirement_choice import Verified, choose
from lake.write.writer import LakeWriter

KEPT = timedelta(hours=3)


def main() -> None:
    """Retire a number of times, or until killed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("lake", type=Path)
    arguments.add_argument("--passes", type=int, default=0)
    arguments.add_argument("--kill-at", default="")
    given = arguments.parse_args()
    layout = LakeLayout(given.lake.absolute(), "KRAKEN")
    lake.verify.proofs._SETTLED_AFTER = 0
    lake.write.retirement._FILES_AT_ONCE = 2
    deadly = given.kill_at
    for number in range(given.passes) if given.passes else count():
        with open_writer(layout, number) as writer:
            # The files of a later commit may not be in place yet.
            in_place = read_snapshot(layout, at=writer.state.number)
            for outcome in Compaction(layout, writer, "zstd").run(in_place, datetime.now(UTC)):
                if not isinstance(outcome, Compacted):
                    raise outcome
        try:
            found = verify(layout)
        except (LakeMissing, LakeBusy):
            continue
        record_verification(layout, found, datetime.now(UTC))
        with open_writer(layout, number) as writer:
            files = to_retire(layout, writer.state.number)
            if files and deadly:
                kill_at(deadly, linger=0.3)
                deadly = ""
            list(Retirement(layout, writer, datetime.now(UTC)).run(files))
            # No commit is kept longer than it has to be.
            fold(layout, writer.settle(), datetime.now(UTC))


def open_writer(layout: LakeLayout, number: int) -> AbstractContextManager[LakeWriter]:
    """A writer in the role of maintenance."""
    return LakeWriter.open(layout, run_id=f"{os.getpid()}-{number}", role=Role.MAINTENANCE)


def to_retire(layout: LakeLayout, at: int) -> tuple[DataFile, ...]:
    """What `kraken-lake retire` chooses of all hours but the newest ones."""
    files = read_snapshot(layout, at=at).files.values()
    if not files:
        return ()
    record, kept = read_record(layout), kept_proofs(layout)
    complete = {symbol: IdRanges(hours) for symbol, hours in record.complete.items()}
    verified = Verified(record.whole_at, complete, lambda file: proof_of(layout.base, file) in kept)
    before = max(hour_of_path(file.path) for file in files) - KEPT
    return choose(files, before, verified).files


if __name__ == "__main__":
    main()
