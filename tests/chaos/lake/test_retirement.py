import signal
import time
from pathlib import Path

import pytest

from lake.errors import LakeBusy
from lake.id_ranges import IdRanges
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.verify.verification import verify
from tests.chaos.lake.programs import PATIENCE, kill_either, program, run_to_end
from tests.chaos.onlooker import Onlooker, ids_in, watched

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


class ListingReader(Onlooker):
    """A reader that lists files and opens them.

    Files may be gone that it has just listed: then it lists again. What it must never see is a
    trade twice, one gone that the log does not call retired, or one that comes back.
    """

    def __init__(self, lake: Path) -> None:
        super().__init__()
        self._trades = lake / "KRAKEN"
        self._log = CommitLog(LakeLayout(lake, "KRAKEN").commits)
        self._seen: set[int] = set()
        self._gone: set[int] = set()

    def look(self) -> None:
        """Read once."""
        ids = ids_in(self._trades)
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

    def _retired(self) -> IdRanges:
        while True:
            try:
                return self._log.state().retired.get("BTC_USD", IdRanges())
            except LakeBusy:
                continue


def assert_retired(lake: Path, last_id: int) -> None:
    """After two more passes: each id once, in a file or retired; the lake is whole."""
    run_to_end("retirer", lake, "--passes", "2")
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
    reader = ListingReader(tmp_path)
    with watched(reader), program("lander", tmp_path, f"{last_id}") as landing:
        with program("retirer", tmp_path, "--kill-at", point) as retiring:
            assert retiring.wait(PATIENCE) == -signal.SIGKILL
        assert landing.wait(PATIENCE) == 0
        run_to_end("retirer", tmp_path, "--passes", "2")
        deadline = time.monotonic() + 60
        while not reader.gone and time.monotonic() < deadline:
            time.sleep(0.05)
        assert reader.gone
    assert_retired(tmp_path, last_id)


@pytest.mark.timeout(14_400)
def test_killed_at_any_moment_beside_a_stream(tmp_path: Path, rounds: int) -> None:
    """Kill after kill of either, while a reader looks on; then one run of each to the end."""
    last_id = 3_000 * rounds
    with watched(ListingReader(tmp_path)):
        for done in range(rounds):
            with (
                program("lander", tmp_path, f"{3_000 * (done + 1)}") as landing,
                program("retirer", tmp_path) as retiring,
            ):
                kill_either(landing, retiring, within=3.0)
        run_to_end("lander", tmp_path, f"{last_id}")
    assert_retired(tmp_path, last_id)
