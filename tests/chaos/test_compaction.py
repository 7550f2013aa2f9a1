import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from lake.errors import LakeBusy, LakeMissing
from lake.layout import LakeLayout
from lake.verify.verification import verify

LANDER = Path(__file__).with_name("lander.py")
COMPACTOR = Path(__file__).with_name("compactor.py")

LONG = 1_800
"""Seconds: many rounds leave much to land and to compact."""

FAULT_POINTS = [
    "lake.write.compaction.merge:1",
    "lake.write.compaction.merge:2:after",
    "lake.write.writer.read_staged:1:after",
    "lake.write.writer.check_replacement:1:after",
    "lake.write.writer.describe:1:after",
    "lake.log.commit_log.create_exclusively:1",
    "lake.log.commit_log.create_exclusively:2:after",
    "lake.write.writer.publish:1",
    "lake.write.publishing.link:1",
    "lake.write.publishing.link:1:after",
    "lake.write.publishing._link_all:1",
    "lake.write.publishing._link_all:2:after",
    "lake.write.publishing.flush:1",
    "lake.write.publishing.swap_folders:1",
    "lake.write.publishing.swap_folders:1:after",
    "lake.write.publishing.swap_folders:3:after",
    "lake.write.publishing.flush:2:after",
    "lake.write.writer.publish:2:after",
    "lake.log.snapshot.replace:1",
    "lake.log.snapshot.replace:1:after",
    "lake.log.manifest_store.replace:1",
    "lake.log.manifest_store.replace:2:after",
    "lake.log.manifest_store.flush:2:after",
    "lake.log.folding.save_snapshot:2",
    "lake.log.folding.flush:2",
    "lake.log.folding._remove:2",
    "lake.log.folding._remove:2:after",
]


class Onlooker(threading.Thread):
    """A reader that lists files and opens them, over and over.

    Files may be gone that it has just listed: then it lists again. What it must never see is a
    trade twice, or one missing that it saw before.
    """

    def __init__(self, lake: Path) -> None:
        super().__init__(daemon=True)
        self._trades = lake / "KRAKEN"
        self._ended = threading.Event()
        self._seen: set[int] = set()
        self.amiss: list[str] = []
        self.reads = 0
        self.lists_again = 0

    def run(self) -> None:
        """Read until stopped."""
        while not self._ended.wait(0.01):
            ids = self._read()
            now = set(ids)
            if len(now) != len(ids):
                self.amiss.append(f"{len(ids) - len(now)} trades twice")
            if not self._seen <= now:
                self.amiss.append(f"{len(self._seen - now)} trades vanished")
            self._seen |= now
            self.reads += 1

    def end(self) -> None:
        """Stop reading."""
        self._ended.set()
        self.join()

    def _read(self) -> list[int]:
        while True:
            files = [str(path) for path in self._trades.rglob("*.parquet")]
            try:
                rows = duckdb.execute(
                    "SELECT trade_id FROM read_parquet(?)", [files or ["/none"]]
                ).fetchall()
            except duckdb.IOException:
                if not files:
                    return []
                self.lists_again += 1
            else:
                return [trade_id for (trade_id,) in rows]


@contextmanager
def watched(lake: Path) -> Iterator[Onlooker]:
    """A reader looks on, and has seen nothing amiss."""
    onlooker = Onlooker(lake)
    onlooker.start()
    try:
        yield onlooker
    finally:
        onlooker.end()
    assert onlooker.amiss == []
    assert onlooker.reads


@contextmanager
def lander(lake: Path, last_id: int, *arguments: str) -> Iterator[None]:
    """The one who lands; at the end of the block all has landed."""
    command = [sys.executable, str(LANDER), str(lake), str(last_id), *arguments]
    with subprocess.Popen(command) as process:
        try:
            yield
            assert process.wait(timeout=LONG) == 0
        finally:
            process.kill()


@contextmanager
def compactor(lake: Path, *arguments: str) -> "Iterator[subprocess.Popen[bytes]]":
    """A compactor in a process of its own, ended at the end of the block."""
    with subprocess.Popen([sys.executable, str(COMPACTOR), str(lake), *arguments]) as process:
        try:
            yield process
        finally:
            process.kill()


def assert_compacted(lake: Path, last_id: int) -> None:
    """After one more pass: every id once, in one file a folder, and nothing left beside."""
    with compactor(lake, "--passes", "1") as last:
        assert last.wait(timeout=LONG) == 0
    found = verify(LakeLayout(lake, "KRAKEN"))
    kinds = {problem.kind for problem in found.problems}
    assert kinds == set()
    (proof,) = found.symbols
    assert (proof.trades, proof.first_id, proof.last_id) == (last_id, 1, last_id)
    folders = [path.parent for path in (lake / "KRAKEN").rglob("*.parquet")]
    assert len(folders) == len(set(folders)) == last_id // 200 + 1


@pytest.mark.parametrize("point", FAULT_POINTS)
def test_killed_at_every_named_point_beside_a_stream(tmp_path: Path, point: str) -> None:
    """The stream goes on and finishes what was left; no reader ever sees a wrong row."""
    last_id = 6_000
    with watched(tmp_path), lander(tmp_path, last_id), compactor(tmp_path, "--kill-at", point) as c:
        assert c.wait(timeout=60) == -signal.SIGKILL
    assert_compacted(tmp_path, last_id)


OPEN_HOURS = ["--open-hours"]
FOLDING = re.compile(r"\.(snapshot|manifest_store|folding)\.")
"""What is called only at the end of a compaction of closed hours."""
SMALL = ["--batch", "25"]
"""So that an hour has more than a dozen files."""


@pytest.mark.parametrize(
    "point",
    [
        *(point for point in FAULT_POINTS if not FOLDING.search(point)),
        "lake.write.open_hours.read_snapshot:1:after",
        "lake.write.open_hours.files_to_merge:2:after",
        "lake.write.replaced_files.drop_old_batches:2",
    ],
)
def test_merging_open_hours_is_killed_at_every_named_point(tmp_path: Path, point: str) -> None:
    """The same while hours are open; the next round of another process goes on."""
    last_id = 1_500
    killed = [*OPEN_HOURS, "--kill-at", point]
    with watched(tmp_path), lander(tmp_path, last_id, *SMALL):
        with compactor(tmp_path, *killed) as c:
            assert c.wait(timeout=60) == -signal.SIGKILL
        with compactor(tmp_path, *OPEN_HOURS) as c:
            time.sleep(1.0)  # It works for a while beside both.
            c.kill()
    assert_compacted(tmp_path, last_id)


def test_merging_open_hours_and_landing_are_killed_at_any_moment(
    tmp_path: Path, rounds: int
) -> None:
    """Kill after kill of either, while a reader looks on; then one run of each to the end."""
    chance = random.Random()
    last_id = 600 * rounds
    with watched(tmp_path):
        for done in range(rounds):
            lands = [sys.executable, str(LANDER), str(tmp_path), str(600 * (done + 1)), *SMALL]
            with subprocess.Popen(lands) as landing, compactor(tmp_path, *OPEN_HOURS) as merging:
                time.sleep(chance.uniform(0.5, 2.0))
                chance.choice([landing, merging]).kill()
                time.sleep(chance.uniform(0.0, 0.3))
                landing.kill()
                merging.kill()
        with lander(tmp_path, last_id, *SMALL):
            pass
    assert_compacted(tmp_path, last_id)


@pytest.mark.timeout(14_400)
def test_killed_at_any_moment_beside_a_stream(tmp_path: Path, rounds: int) -> None:
    """Kill after kill of either, while a reader looks on; then one run of each to the end."""
    chance = random.Random()
    last_id = 3_000 * rounds
    with watched(tmp_path):
        for done in range(rounds):
            lands = [sys.executable, str(LANDER), str(tmp_path), str(3_000 * (done + 1))]
            with subprocess.Popen(lands) as landing, compactor(tmp_path) as compacting:
                time.sleep(chance.uniform(0.5, 2.0))
                chance.choice([landing, compacting]).kill()
                time.sleep(chance.uniform(0.0, 0.3))
                landing.kill()
                compacting.kill()
        with lander(tmp_path, last_id):
            pass
    assert_compacted(tmp_path, last_id)


def test_verify_raises_no_false_alarm_beside_both(tmp_path: Path) -> None:
    """While one lands and the other replaces files, each verification holds for its commit."""
    layout = LakeLayout(tmp_path, "KRAKEN")
    last_id, verified = 20_000, [0]
    landing = subprocess.Popen([sys.executable, str(LANDER), str(tmp_path), str(last_id)])
    with landing, compactor(tmp_path) as compacting:
        while landing.poll() is None:
            try:
                found = verify(layout)
            except (LakeMissing, LakeBusy):
                continue
            assert found.problems == ()
            verified.append(found.commits)
        compacting.kill()
    assert len(set(verified)) > 2
    assert verified == sorted(verified)
