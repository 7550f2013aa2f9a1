"""The Iceberg table while lake and table are written by processes that are killed.

What it lists is read by PyIceberg's own plan of a scan, not by the code that wrote it.
"""

import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.table import Table
from sqlalchemy.exc import OperationalError

from lake.layout import LakeLayout
from lake.log.snapshot import read_snapshot
from lake.verify.verification import verify
from tests.chaos.lake.programs import PATIENCE, program, run_to_end
from tests.chaos.onlooker import Onlooker, watched

SMALL = ["--batch", "25"]
ICEBERG = ["--format", "iceberg"]

FAULT_POINTS = [
    "lake.tables.sync.columns_of:1",
    "lake.tables.sync.columns_of:2:after",
    "lake.tables.iceberg.catalog.load_catalog:1:after",
    "lake.tables.iceberg.table.schema_of:1",
    "lake.tables.iceberg.table.next_snapshot:1",
    "lake.tables.iceberg.table.next_snapshot:1:after",
    "lake.tables.iceberg.snapshots.write_manifest:1:after",
    "lake.tables.iceberg.snapshots.write_manifest:3",
    "lake.tables.iceberg.snapshots.write_manifest_list:2",
    "lake.tables.iceberg.snapshots.write_manifest_list:2:after",
    "lake.tables.iceberg.file_io.flush:1",
    "lake.tables.iceberg.file_io.flush:4:after",
    "lake.tables.iceberg.file_io.flush:5",
    "lake.tables.iceberg.table.updates:1:after",
    "lake.tables.iceberg.table.updates:3:after",
    "lake.tables.iceberg.table.drop_unneeded_files:1",
    "lake.tables.iceberg.table.drop_unneeded_files:1:after",
]
REBUILD_POINTS = [
    "lake.tables.iceberg.table.schema_of:1",
    "lake.tables.iceberg.table.next_snapshot:1",
    "lake.tables.iceberg.table.updates:1:after",
]


def newest(lake: Path) -> Table | None:
    """The table as a user opens it; None if there is none."""
    if not (lake / "_iceberg" / "catalog.db").exists():
        return None
    settings = {"uri": f"sqlite:///{lake}/_iceberg/catalog.db", "init_catalog_tables": "false"}
    try:
        return load_catalog("lake", **settings).load_table("kraken.trades")
    except (NoSuchTableError, OperationalError):
        return None


def listed(table: Table) -> dict[str, int]:
    """The rows of each file that a scan would read."""
    found: dict[str, int] = {}
    for task in table.scan().plan_files():
        assert task.file.file_path not in found, "a file is there twice"
        found[task.file.file_path] = task.file.record_count
    return found


def commit_of(table: Table) -> int | None:
    """The commit of the lake that the newest snapshot holds; None if there is none yet."""
    snapshot = table.current_snapshot()
    if snapshot is None or snapshot.summary is None:
        return None
    return int(snapshot.summary.additional_properties["kraken-lake.commit"])


class TableReader(Onlooker):
    """A reader of the table: at any moment it can be read, and lists each trade once."""

    def __init__(self, lake: Path) -> None:
        super().__init__(every=0.05)
        self._lake = lake
        self._last = -1

    def look(self) -> None:
        """Read once."""
        table = newest(self._lake)
        if table is None or (commit := commit_of(table)) is None:
            return
        if commit < self._last:
            self.amiss.append(f"the table went back to commit {commit}")
        self._last = commit
        try:
            rows = listed(table)
        except FileNotFoundError:
            # Here three snapshots are kept: they may have gone while this thread waited its turn.
            again = newest(self._lake)
            assert again is not None
            assert again.metadata_location != table.metadata_location, "the newest cannot be read"
            return
        with suppress(Exception):  # Folded meanwhile.
            snapshot = read_snapshot(LakeLayout(self._lake, "KRAKEN"), at=commit)
            if {
                f"file://{self._lake}/{p}": file.rows for p, file in snapshot.files.items()
            } != rows:
                self.amiss.append(f"other files than the lake had at commit {commit}")
            self.reads += 1


def finish(lake: Path, last_id: int) -> None:
    """Land the rest, compact everything, and bring the table up to date, each by a new process."""
    run_to_end("lander", lake, f"{last_id}", *SMALL)
    run_to_end("compactor", lake, "--passes", "1")
    run_to_end("table_syncer", lake, *ICEBERG, "--once")


def assert_whole(lake: Path, last_id: int) -> None:
    """Lake and table agree, and the table has every id once."""
    layout = LakeLayout(lake, "KRAKEN")
    assert verify(layout).problems == ()
    table, snapshot = newest(lake), read_snapshot(layout)
    assert table is not None
    assert commit_of(table) == snapshot.number
    rows = listed(table)
    assert sum(rows.values()) == last_id
    assert rows.keys() == {f"file://{lake}/{path}" for path in snapshot.files}
    held = [
        one.summary.additional_properties["kraken-lake.commit"]
        for one in table.snapshots()
        if one.summary
    ]
    assert len(held) == len(set(held)), "a commit was taken in twice"


def await_commit(lake: Path, commit: int) -> None:
    """Wait until the table holds a commit of the lake."""
    deadline = time.monotonic() + PATIENCE
    while (table := newest(lake)) is None or (commit_of(table) or 0) < commit:
        assert time.monotonic() < deadline, "nothing brought the table up to date"
        time.sleep(0.1)


@pytest.mark.parametrize("point", FAULT_POINTS)
def test_killed_at_every_named_point(tmp_path: Path, point: str) -> None:
    """The table can be read at any moment, and the next process goes on where this one ended."""
    last_id = 0
    deadline = time.monotonic() + PATIENCE
    with watched(TableReader(tmp_path)):
        with program("table_syncer", tmp_path, *ICEBERG, "--kill-at", point) as syncing:
            while syncing.poll() is None:
                assert time.monotonic() < deadline, "it never came to that point"
                last_id += 100
                run_to_end("lander", tmp_path, f"{last_id}", *SMALL)
        assert syncing.returncode == -signal.SIGKILL
        with program("table_syncer", tmp_path, *ICEBERG):
            await_commit(tmp_path, read_snapshot(LakeLayout(tmp_path, "KRAKEN")).number)
    finish(tmp_path, last_id)
    assert_whole(tmp_path, last_id)


@pytest.mark.parametrize("point", REBUILD_POINTS)
def test_a_rebuild_is_killed_at_every_named_point(tmp_path: Path, point: str) -> None:
    """The next sync makes the table if there is none, and the lake is as it was."""
    run_to_end("lander", tmp_path, "300", *SMALL)
    run_to_end("table_syncer", tmp_path, *ICEBERG, "--once")
    with program("table_syncer", tmp_path, *ICEBERG, "--rebuild", "--kill-at", point) as rebuilding:
        assert rebuilding.wait(timeout=PATIENCE) == -signal.SIGKILL
    finish(tmp_path, 500)
    assert_whole(tmp_path, 500)


@pytest.mark.timeout(14_400)
def test_all_are_killed_at_any_moment(tmp_path: Path, rounds: int) -> None:
    """Stream, merging of open hours, and two syncs at once; then one run of each to the end."""
    chance = random.Random()
    last_id = 600 * rounds
    with watched(TableReader(tmp_path)):
        for done in range(rounds):
            landed = read_snapshot(LakeLayout(tmp_path, "KRAKEN")).number
            with (
                program("lander", tmp_path, f"{600 * (done + 1)}", *SMALL) as landing,
                program("compactor", tmp_path, "--open-hours") as merging,
                program("table_syncer", tmp_path, *ICEBERG) as syncing,
                program("table_syncer", tmp_path, *ICEBERG) as second,
            ):
                await_commit(tmp_path, landed + 1)
                time.sleep(chance.uniform(0.0, 2.0))
                for one in chance.sample([landing, merging, syncing, second], 4):
                    one.kill()
                    time.sleep(chance.uniform(0.0, 0.2))
    finish(tmp_path, last_id)
    assert_whole(tmp_path, last_id)
