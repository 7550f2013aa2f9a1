import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lake.errors import LakeBusy, LakeMissing
from lake.layout import LakeLayout
from lake.verify.verification import verify
from tests.chaos.lake.programs import PATIENCE, kill_either, program, run_to_end
from tests.chaos.onlooker import Onlooker, ids_in, watched

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


class ListingReader(Onlooker):
    """A reader that lists files and opens them.

    Files may be gone that it has just listed: then it lists again. What it must never see is a
    trade twice, or one missing that it saw before.
    """

    def __init__(self, lake: Path) -> None:
        super().__init__()
        self._trades = lake / "KRAKEN"
        self._seen: set[int] = set()

    def look(self) -> None:
        """Read once."""
        ids = ids_in(self._trades)
        now = set(ids)
        if len(now) != len(ids):
            self.amiss.append(f"{len(ids) - len(now)} trades twice")
        if not self._seen <= now:
            self.amiss.append(f"{len(self._seen - now)} trades vanished")
        self._seen |= now
        self.reads += 1


@contextmanager
def landing(lake: Path, last_id: int, *arguments: str) -> Iterator[None]:
    """The one who lands; at the end of the block all has landed."""
    with program("lander", lake, f"{last_id}", *arguments) as process:
        yield
        assert process.wait(PATIENCE) == 0


def assert_compacted(lake: Path, last_id: int) -> None:
    """After one more pass: every id once, in one file a folder, and nothing left beside."""
    run_to_end("compactor", lake, "--passes", "1")
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
    with (
        watched(ListingReader(tmp_path)),
        landing(tmp_path, last_id),
        program("compactor", tmp_path, "--kill-at", point) as compacting,
    ):
        assert compacting.wait(PATIENCE) == -signal.SIGKILL
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
    with watched(ListingReader(tmp_path)), landing(tmp_path, last_id, *SMALL):
        with program("compactor", tmp_path, *OPEN_HOURS, "--kill-at", point) as merging:
            assert merging.wait(PATIENCE) == -signal.SIGKILL
        with program("compactor", tmp_path, *OPEN_HOURS):
            time.sleep(1.0)  # It works for a while beside both.
    assert_compacted(tmp_path, last_id)


@pytest.mark.timeout(14_400)
def test_merging_open_hours_and_landing_are_killed_at_any_moment(
    tmp_path: Path, rounds: int
) -> None:
    """Kill after kill of either, while a reader looks on; then one run of each to the end."""
    last_id = 600 * rounds
    with watched(ListingReader(tmp_path)):
        for done in range(rounds):
            with (
                program("lander", tmp_path, f"{600 * (done + 1)}", *SMALL) as lands,
                program("compactor", tmp_path, *OPEN_HOURS) as merging,
            ):
                kill_either(lands, merging, within=2.0)
        run_to_end("lander", tmp_path, f"{last_id}", *SMALL)
    assert_compacted(tmp_path, last_id)


@pytest.mark.timeout(14_400)
def test_killed_at_any_moment_beside_a_stream(tmp_path: Path, rounds: int) -> None:
    """Kill after kill of either, while a reader looks on; then one run of each to the end."""
    last_id = 3_000 * rounds
    with watched(ListingReader(tmp_path)):
        for done in range(rounds):
            with (
                program("lander", tmp_path, f"{3_000 * (done + 1)}") as lands,
                program("compactor", tmp_path) as compacting,
            ):
                kill_either(lands, compacting, within=2.0)
        run_to_end("lander", tmp_path, f"{last_id}")
    assert_compacted(tmp_path, last_id)


def test_verify_raises_no_false_alarm_beside_both(tmp_path: Path) -> None:
    """While one lands and the other replaces files, each verification holds for its commit."""
    layout = LakeLayout(tmp_path, "KRAKEN")
    verified = [0]
    with program("lander", tmp_path, "20000") as lands, program("compactor", tmp_path):
        while lands.poll() is None:
            try:
                found = verify(layout)
            except (LakeMissing, LakeBusy):
                continue
            assert found.problems == ()
            verified.append(found.commits)
    assert len(set(verified)) > 2
    assert verified == sorted(verified)
