import os
import random
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

from lake.errors import LakeBusy
from lake.id_ranges import IdRanges
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.verify.verification import verify

LANDER = Path(__file__).with_name("lander.py")
RETIRER = Path(__file__).with_name("retirer.py")

LONG = 1_800
"""Seconds: many rounds leave much to do."""

FAULT_POINTS = [
    "lake.write.retirement.write_retired:1",
    "lake.write.retirement.write_retired:2:after",
    "lake.write.writer.read_staged:1:after",
    "lake.write.writer.describe:1:after",
    "lake.log.commit_log.create_exclusively:1",
    "lake.log.commit_log.create_exclusively:1:after",
    "lake.log.commit_log.create_exclusively:2:after",
    "lake.write.writer.publish:1",
    "lake.write.publishing.remove_retired:1",
    "lake.write.retired_files._unlink:1",
    "lake.write.retired_files._unlink:1:after",
    "lake.write.retired_files._unlink:2:after",
    "lake.write.retired_files._remove_empty:1",
    "lake.write.retired_files._remove_empty:1:after",
    "lake.write.publishing.remove_retired:1:after",
    "lake.write.publishing.link:1",
    "lake.write.publishing.link:1:after",
    "lake.storage.durable_folders.flush:1",
    "lake.storage.durable_folders.flush:2:after",
    "lake.write.writer.publish:1:after",
    "lake.write.writer.publish:2:after",
    "lake.log.manifest_store.replace:1",
    "lake.log.manifest_store.replace:1:after",
    "lake.log.manifest_store.flush:1:after",
    "lake.log.folding.save_snapshot:1",
    "lake.log.folding._remove:1",
    "lake.log.folding._remove:1:after",
]


class Onlooker(threading.Thread):
    """A reader that lists files and opens them, over and over.

    Files may be gone that it has just listed: then it lists again. What it must never see is a
    trade twice, one gone that the log does not call retired, or one that comes back.
    """

    def __init__(self, lake: Path) -> None:
        super().__init__(daemon=True)
        self._trades = lake / "KRAKEN"
        self._log = CommitLog(LakeLayout(lake, "KRAKEN").commits)
        self._ended = threading.Event()
        self._seen: set[int] = set()
        self._gone: set[int] = set()
        self.amiss: list[str] = []
        self.reads = 0

    def run(self) -> None:
        """Read until stopped."""
        while not self._ended.wait(0.01):
            ids = self._read()
            now = set(ids)
            if len(now) != len(ids):
                self.amiss.append(f"{len(ids) - len(now)} trades twice")
            if back := self._gone & now:
                self.amiss.append(f"{len(back)} trades came back")
            if vanished := self._seen - now - self._gone:
                retired = self._retired()
                if lost := [one for one in vanished if one not in retired]:
                    self.amiss.append(f"{len(lost)} trades vanished that are not retired")
            self._gone |= vanished
            self._seen |= now
            self.reads += 1

    @property
    def gone(self) -> int:
        """How many trades it has seen that are gone."""
        return len(self._gone)

    def end(self) -> None:
        """Stop reading."""
        self._ended.set()
        self.join()

    def _retired(self) -> IdRanges:
        while True:
            try:
                return self._log.state().retired.get("BTC_USD", IdRanges())
            except LakeBusy:
                continue

    def _read(self) -> list[int]:
        while True:
            files = [
                f"{parent}/{name}" for parent, _, names in os.walk(self._trades) for name in names
            ]
            try:
                rows = duckdb.execute(
                    "SELECT trade_id FROM read_parquet(?)", [files or ["/none"]]
                ).fetchall()
            except duckdb.IOException:
                if not files:
                    return []
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
def program(path: Path, lake: Path, *arguments: str) -> "Iterator[subprocess.Popen[bytes]]":
    """A process of its own, ended at the end of the block."""
    with subprocess.Popen([sys.executable, str(path), str(lake), *arguments]) as process:
        try:
            yield process
        finally:
            process.kill()


def assert_retired(lake: Path, last_id: int) -> None:
    """After two more passes: each id once, in a file or retired; the lake is whole."""
    with program(RETIRER, lake, "--passes", "2") as last:
        assert last.wait(timeout=LONG) == 0
    layout = LakeLayout(lake, "KRAKEN")
    found = verify(layout, full=True)
    assert found.problems == ()
    (proof,) = found.symbols
    retired = sum(last - first + 1 for first, last in proof.retired)
    assert (proof.first_id, proof.last_id, proof.trades + retired) == (1, last_id, last_id)
    assert retired > 0
    state = CommitLog(layout.commits).state()
    assert (state.rows, state.landed_rows) == (proof.trades, last_id)
    # Only hours that are kept are left, the newest among them.
    assert len(list((lake / "KRAKEN").rglob("symbol=*"))) <= 5


@pytest.mark.parametrize("point", FAULT_POINTS)
def test_killed_at_every_named_point_beside_a_stream(tmp_path: Path, point: str) -> None:
    """The stream goes on and removes what was left; no reader ever sees a wrong row."""
    last_id = 6_000
    with watched(tmp_path) as onlooker, program(LANDER, tmp_path, f"{last_id}") as landing:
        with program(RETIRER, tmp_path, "--kill-at", point) as retiring:
            assert retiring.wait(timeout=120) == -signal.SIGKILL
        assert landing.wait(timeout=LONG) == 0
        with program(RETIRER, tmp_path, "--passes", "2") as again:
            assert again.wait(timeout=LONG) == 0
        deadline = time.monotonic() + 60
        while not onlooker.gone and time.monotonic() < deadline:
            time.sleep(0.05)
        assert onlooker.gone
    assert_retired(tmp_path, last_id)


@pytest.mark.timeout(14_400)
def test_killed_at_any_moment_beside_a_stream(tmp_path: Path, rounds: int) -> None:
    """Kill after kill of either, while a reader looks on; then one run of each to the end."""
    chance = random.Random()
    last_id = 3_000 * rounds
    with watched(tmp_path):
        for done in range(rounds):
            with (
                program(LANDER, tmp_path, f"{3_000 * (done + 1)}") as landing,
                program(RETIRER, tmp_path) as retiring,
            ):
                time.sleep(chance.uniform(0.5, 3.0))
                chance.choice([landing, retiring]).kill()
                time.sleep(chance.uniform(0.0, 0.3))
        with program(LANDER, tmp_path, f"{last_id}") as landing:
            assert landing.wait(timeout=LONG) == 0
    assert_retired(tmp_path, last_id)
