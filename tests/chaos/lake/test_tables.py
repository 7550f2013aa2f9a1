"""The Delta table while lake and table are written by processes that are killed.

What the table lists is read by its log alone, without a library, so that what is found here is not
another program's reading.
"""

import json
import random
import signal
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lake.errors import LakeBusy
from lake.layout import LakeLayout
from lake.log.snapshot import read_snapshot
from lake.tables.delta.table import DeltaTable
from lake.tables.sync import sync
from lake.verify.verification import verify
from tests.chaos.lake.programs import PATIENCE, program, run_to_end
from tests.chaos.onlooker import Onlooker, watched

SMALL = ["--batch", "25"]
OPEN_HOURS = ["--open-hours"]

FAULT_POINTS = [
    "lake.tables.sync.columns_of:1",
    "lake.tables.sync.columns_of:2:after",
    "lake.tables.delta.log.create_exclusively:1",
    "lake.tables.delta.log.create_exclusively:1:after",
    "lake.tables.delta.log.create_exclusively:2",
    "lake.tables.delta.log.create_exclusively:3:after",
    "lake.storage.local_files.flush:1",
    "lake.storage.local_files.flush:2:after",
    "lake.storage.local_files.flush:4",
    "lake.tables.delta.table.read_files:1",
    "lake.tables.delta.log.replace:1",
    "lake.tables.delta.log.replace:1:after",
    "lake.tables.delta.log.replace:2",
    "lake.tables.delta.log.replace:2:after",
    "lake.tables.delta.log.replace:5:after",
]
REBUILD_POINTS = [
    "lake.tables.delta.log.create_exclusively:1",
    "lake.tables.delta.log.create_exclusively:1:after",
    "lake.tables.delta.replacement.swap_folders:1",
    "lake.tables.delta.replacement.swap_folders:1:after",
    "lake.tables.delta.replacement.flush:1",
    "lake.tables.delta.replacement.flush:2:after",
]


class TableReader(Onlooker):
    """A reader of the table: at any moment it can be read, and lists each trade once."""

    def __init__(self, lake: Path) -> None:
        super().__init__()
        self._layout = LakeLayout(lake, "KRAKEN")
        self._last = -1

    def look(self) -> None:
        """Read once, unless the table changes meanwhile."""
        table = DeltaTable(self._layout)
        try:
            position = table.position()
            files = table.files()
            again = table.position()
        except LakeBusy:
            return
        if position is None or position != again:
            return
        if position.commit < self._last:
            self.amiss.append(f"the table went back to commit {position.commit}")
        self._last = position.commit
        self._compare(position.commit, {path: file.rows for path, file in files.items()})

    def _compare(self, commit: int, rows: "dict[str, int | None]") -> None:
        with suppress(Exception):  # Folded meanwhile.
            snapshot = read_snapshot(self._layout, at=commit)
            if {path: file.rows for path, file in snapshot.files.items()} != rows:
                self.amiss.append(f"other files than the lake had at commit {commit}")
            self.reads += 1


def finish(lake: Path, last_id: int) -> None:
    """Land the rest, compact everything, and bring the table up to date, each by a new process."""
    run_to_end("lander", lake, f"{last_id}", *SMALL)
    run_to_end("compactor", lake, "--passes", "1")
    run_to_end("table_syncer", lake, "--once")


def assert_whole(lake: Path, last_id: int) -> None:
    """Lake and table agree, and the table has every id once."""
    layout = LakeLayout(lake, "KRAKEN")
    assert verify(layout).problems == ()
    table = DeltaTable(layout)
    position = table.position()
    assert position is not None
    assert position.commit == read_snapshot(layout).number
    assert sum(file.rows or 0 for file in table.files().values()) == last_id
    assert table.files().keys() == read_snapshot(layout).files.keys()
    # Whoever begins at the first version that is kept finds each number once.
    commits = [_commit_in(path) for path in sorted((lake / "_delta_log").glob("0*.json"))]
    assert commits == sorted(set(commits))


def _commit_in(path: Path) -> int:
    actions = [json.loads(line) for line in path.read_text().splitlines()]
    (number,) = [action["txn"]["version"] for action in actions if "txn" in action]
    return int(number)


@pytest.mark.parametrize("point", FAULT_POINTS)
def test_killed_at_every_named_point(tmp_path: Path, point: str) -> None:
    """The table can be read at any moment, and the next process goes on where this one ended."""
    last_id = 2_000
    with watched(TableReader(tmp_path)), program("lander", tmp_path, f"{last_id}", *SMALL):
        with program("table_syncer", tmp_path, "--kill-at", point) as syncing:
            assert syncing.wait(PATIENCE) == -signal.SIGKILL
        with program("table_syncer", tmp_path):
            time.sleep(0.5)
        finish_landing(tmp_path, last_id)
    finish(tmp_path, last_id)
    assert_whole(tmp_path, last_id)


def finish_landing(lake: Path, last_id: int) -> None:
    """Wait for all trades, and for a table."""
    layout = LakeLayout(lake, "KRAKEN")
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if sum(file.rows for file in read_snapshot(layout).files.values()) == last_id:
            break
        time.sleep(0.1)
    with suppress(LakeBusy):
        sync(layout, DeltaTable(layout), datetime.now(UTC))
    time.sleep(0.2)


@pytest.mark.parametrize("point", REBUILD_POINTS)
def test_a_rebuild_is_killed_at_every_named_point(tmp_path: Path, point: str) -> None:
    """The old table or the new one is there, and the lake is as it was."""
    run_to_end("lander", tmp_path, "500", *SMALL)
    run_to_end("table_syncer", tmp_path, "--once")
    with watched(TableReader(tmp_path)):
        with program("table_syncer", tmp_path, "--rebuild", "--kill-at", point) as rebuilding:
            assert rebuilding.wait(PATIENCE) == -signal.SIGKILL
        time.sleep(0.2)
    finish(tmp_path, 1_000)
    assert_whole(tmp_path, 1_000)


@pytest.mark.timeout(14_400)
def test_all_are_killed_at_any_moment(tmp_path: Path, rounds: int) -> None:
    """Stream, merging of open hours, and two syncs at once; then one run of each to the end."""
    chance = random.Random()
    last_id = 600 * rounds
    with watched(TableReader(tmp_path)):
        for done in range(rounds):
            with (
                program("lander", tmp_path, f"{600 * (done + 1)}", *SMALL) as landing,
                program("compactor", tmp_path, *OPEN_HOURS) as merging,
                program("table_syncer", tmp_path) as syncing,
                program("table_syncer", tmp_path) as second,
            ):
                time.sleep(chance.uniform(0.7, 2.0))
                for one in chance.sample([landing, merging, syncing, second], 4):
                    one.kill()
                    time.sleep(chance.uniform(0.0, 0.2))
        finish(tmp_path, last_id)
    assert_whole(tmp_path, last_id)
